import { expect, test } from 'vitest'
import { parseRefusal } from '../../src/org/answer-error.ts'

const refuse = (status: number, text: string) =>
  parseRefusal({ status, headers: {}, text, host: 'x.my.salesforce.com' }, (shown) => shown.replaceAll('s3cret', '***'))

test.each([
  [
    'an array',
    '[{"message":"No such column","errorCode":"INVALID_FIELD","fields":["X"]}]',
    'INVALID_FIELD: No such column',
  ],
  ['an object', '{"errorCode":"INVALIDJOB","message":"gone"}', 'INVALIDJOB: gone'],
  [
    'an OAuth error',
    '{"error":"invalid_grant","error_description":"authentication failure"}',
    'invalid_grant: authentication failure',
  ],
  [
    'JSON of Bulk API 1.0',
    '{"exceptionCode":"InvalidBatch","exceptionMessage":"Records not processed"}',
    'InvalidBatch: Records not processed',
  ],
  [
    'XML of Bulk API 1.0',
    '<error xmlns="x"><exceptionCode>InvalidJob</exceptionCode><exceptionMessage>Invalid &quot;id&quot; &#38; &#x41;</exceptionMessage></error>',
    'InvalidJob: Invalid "id" & A',
  ],
  [
    'a SOAP fault',
    '<soapenv:Fault><faultcode>sf:MALFORMED_QUERY</faultcode><faultstring>MALFORMED_QUERY: unexpected token</faultstring></soapenv:Fault>',
    'MALFORMED_QUERY: unexpected token',
  ],
  [
    'a web page',
    '<!DOCTYPE html><html><h1>Bad</h1></html>',
    'x.my.salesforce.com answered 400 with a web page instead of JSON',
  ],
  ['nothing', '', 'x.my.salesforce.com answered 400 with an empty body'],
  ['a line of text', 'upstream connect error\nmore', 'x.my.salesforce.com answered 400 with "upstream connect error"'],
  ['JSON of another kind', '[]', 'x.my.salesforce.com answered 400 with "[]"'],
  ['JSON that says null', 'null', 'x.my.salesforce.com answered 400 with "null"'],
])('%s is read', (_, text, message) => {
  expect(refuse(400, text)).toMatchObject({ message, status: 400, exitCode: 1 })
})

test.each([
  [401, 'INVALID_AUTH_HEADER', 4],
  [403, 'INSUFFICIENT_ACCESS', 4],
  [400, 'INSUFFICIENT_ACCESS_OR_READONLY', 4],
  [403, 'API_DISABLED_FOR_ORG', 4],
  [403, 'FORBIDDEN', 4],
  [400, 'FEATURENOTENABLED', 4],
  [403, 'REQUEST_LIMIT_EXCEEDED', 5],
  [400, 'LIMIT_EXCEEDED', 5],
  [400, 'ExceededQuota', 5],
  [400, 'MALFORMED_QUERY', 1],
  [404, 'NOT_FOUND', 1],
  [500, 'UNKNOWN_EXCEPTION', 1],
])('%i %s ends the program with %i', (status, errorCode, exitCode) => {
  expect(refuse(status, JSON.stringify([{ errorCode, message: 'x' }]))).toMatchObject({
    exitCode,
    errorCode,
    code: errorCode,
  })
})

test.each([
  ['[{"errorCode":"X","message":"token s3cret is bad"}]', 'X: token *** is bad'],
  ['token s3cret is bad', 'x.my.salesforce.com answered 400 with "token *** is bad"'],
])('secrets that the answer repeats are struck out: %s', (text, message) => {
  expect(refuse(400, text)).toMatchObject({ message })
})

test('a page in maintenance says where to look', () => {
  expect(refuse(503, '<html></html>')).toMatchObject({
    errorCode: 'HTTP_503',
    hint: expect.stringContaining('status.salesforce.com'),
  })
})

import type { FaultKind } from './compare.ts'

const page = '<html><body>Service Unavailable</body></html>'
const said = (errorCode: string) => [{ errorCode, message: 'An unexpected error occurred.' }]

/** What may go wrong with a request, in the words of the tests. */
export const faultKinds: Readonly<Record<string, FaultKind>> = {
  'a connection that is reset before the request': { drop: 'before' },
  'a connection that is reset in the middle of the request': { drop: 'during' },
  'an answer that is lost after the org acted': { drop: 'after' },
  'a connection that hangs before the org acts': { hang: 'before' },
  'a connection that hangs after the org acted': { hang: 'after' },
  'a status 500 with a code of Salesforce': { status: 500, body: said('UNKNOWN_EXCEPTION') },
  'a status 502 with a web page': { status: 502, body: page },
  'a status 503 with a web page, twice': { status: 503, body: page, times: 2 },
  'a status 429 with Retry-After': { status: 429, headers: { 'Retry-After': '1' } },
  'a limit of requests at once': {
    status: 403,
    body: [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'ConcurrentRequests Limit exceeded.' }],
  },
  'a body that comes drop by drop': { dripMs: 12 },
  'a body that is cut': { cutBody: 25 },
  'a body that ends too early as if it were whole': { shortBody: 25 },
  'a packed body without its end': { shortBody: 700 },
  'a body that is announced too long': { wrongLength: 40 },
  'a body that is announced too short': { wrongLength: -10 },
}

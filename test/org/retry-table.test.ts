import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { findRemedy, findRowRemedy, requestCauses, restarts, rowCauses } from '../../src/org/retry-table.ts'

const page = readFileSync('docs/retries.md', 'utf8')

describe('the table of retries', () => {
  it.each([
    ['INVALID_SESSION_ID', 401, 'renew'],
    ['InvalidSessionId', 400, 'renew'],
    ['HTTP_401', 401, 'renew'],
    ['INVALID_AUTH_HEADER', 401, 'end denied'],
    ['REQUEST_LIMIT_EXCEEDED', 403, 'end unfinished'],
    ['ExceededQuota', 400, 'end unfinished'],
    ['UNABLE_TO_LOCK_ROW', 400, 'again, untouched'],
    ['ORG_IN_MAINTENANCE', 503, 'again, untouched'],
    ['SERVER_UNAVAILABLE', 500, 'again'],
    ['rate_limit_exceeded', 400, 'again, untouched'],
    ['FORBIDDEN', 403, 'end denied'],
    ['HTTP_429', 429, 'again, untouched'],
    ['HTTP_502', 502, 'again'],
    ['HTTP_520', 520, 'again'],
    ['HTTP_410', 410, 'end failed'],
    ['INVALIDJOBSTATE', 400, 'end failed'],
    ['CONNECTION_LOST', undefined, 'again'],
    ['CONNECTION_REFUSED', undefined, 'again, untouched'],
    ['TLS', undefined, 'end failed'],
  ])('says of %s with status %s: %s', (code, status, words) => {
    const remedy = findRemedy({ code, status, message: `${code}: some text` })
    const rest = remedy.kind === 'again' ? (remedy.untouched ? ', untouched' : '') : ''
    expect(remedy.kind + rest + (remedy.kind === 'end' ? ` ${remedy.exit}` : '')).toBe(words)
  })

  it('tells a limit of the day from one of the moment', () => {
    const limit = { code: 'REQUEST_LIMIT_EXCEEDED', status: 403 }
    expect(findRemedy({ ...limit, message: 'TotalRequests Limit exceeded.' }).kind).toBe('end')
    expect(findRemedy({ ...limit, message: 'ConcurrentPerOrgLongTxn Limit exceeded.' }).kind).toBe('again')
  })

  it('does not look at the status of a SOAP fault, which is 500 whatever it says', () => {
    const fault = { message: '', status: 500, isFault: true }
    expect(findRemedy({ ...fault, code: 'MALFORMED_QUERY' }).kind).toBe('end')
    expect(findRemedy({ ...fault, code: 'SERVER_UNAVAILABLE' }).kind).toBe('again')
  })

  it.each([
    ['UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record:--', 'alone'],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:T: caused by: System.DmlException: UNABLE_TO_LOCK_ROW:--', 'alone'],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:T: System.LimitException: Apex CPU time limit exceeded:--', 'fewer'],
    ['CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY:T: a rule of ours:--', undefined],
    ['REQUIRED_FIELD_MISSING:Required fields are missing: [LastName]:LastName --', undefined],
  ])('says of a row with %s: %s', (error, remedy) => {
    expect(findRowRemedy(error)).toBe(remedy)
  })

  it('stands in the documentation, line by line', () => {
    for (const { signal } of requestCauses) expect(page).toContain(`| ${signal} | `)
    for (const { signal } of rowCauses) expect(page).toContain(`| ${signal} | `)
    for (const { what, tries } of Object.values(restarts)) expect(page).toContain(`| ${what} | ${tries} |`)
  })
})

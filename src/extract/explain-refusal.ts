import { ApiError, type ExpectedError, RunError, UsageError } from '../errors.ts'
import { withoutTexts } from './read-soql.ts'

/** Whether the service says that the query itself is at fault, and not a limit or a missing permission. */
export function isRefusedQuery(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 400 && error.exit === 'failed'
}

/** Salesforce's own words about a query that it does not take, and what to write instead where that can be seen. */
export function explainRefusal(refusal: ApiError, soql: string): ExpectedError {
  if (refusal.errorCode === 'QUERY_TIMEOUT') {
    return new RunError(refusal.message, { code: refusal.errorCode, hint: narrowHint, cause: refusal })
  }
  return new UsageError(refusal.message, { code: refusal.errorCode, hint: findHint(refusal, soql), cause: refusal })
}

/** The place to go on at, which the service keeps for two days, is refused: that says nothing of the query. */
export function explainLostPlace(refusal: ApiError): RunError {
  return new RunError(`the rest of the rows cannot be had: ${refusal.message}`, {
    code: refusal.errorCode,
    hint: 'run the query again',
    cause: refusal,
  })
}

/** For a query that takes the service too long. */
export const narrowHint = 'narrow the query by a WHERE on an indexed field, such as Id, CreatedDate or an external ID'

function findHint(refusal: ApiError, soql: string): string | undefined {
  if (zonelessDateTime.test(withoutTexts(soql))) {
    return 'write a date and time with its zone: 2024-01-31T00:00:00Z'
  }
  if (quotedDate.test(soql)) {
    return 'write dates without quotes: 2024-01-31, or with a time and its zone 2024-01-31T00:00:00Z'
  }
  return hints[refusal.errorCode]
}

const zonelessDateTime = /\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?![\d:.Zz+-])/
const quotedDate = /[<>=]\s*'\d{4}-\d{2}-\d{2}(?:T[^']*)?'/

const notInBulk = 'what the Bulk API does not answer may be read by --api soap'
const hints: Readonly<Record<string, string>> = {
  INVALID_FIELD: '`sfbulk describe <object>` lists the fields of an object',
  INVALID_TYPE: '`sfbulk describe` lists the objects that you may read',
  API_ERROR: notInBulk,
  FUNCTIONALITY_NOT_ENABLED: notInBulk,
  MALFORMED_QUERY: "a query looks like this: SELECT Id, Name FROM Account WHERE Name LIKE 'A%'",
}

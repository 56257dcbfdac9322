/**
 * An answer with an error, in Salesforce's form: `[{"message","errorCode","fields"?}]` with a status of 400 and above.
 * Handlers throw it; the listener turns it into the response. Source: REST guide, "Status Codes and Error Responses".
 */
export class Refusal extends Error {
  readonly status: number
  readonly errorCode: string
  readonly fields: readonly string[]

  constructor(status: number, errorCode: string, message: string, fields: readonly string[] = []) {
    super(message)
    this.name = 'Refusal'
    this.status = status
    this.errorCode = errorCode
    this.fields = fields
  }
}

/** The answer for whatever is not there: an unknown path, job, record or object. */
export function notFound(): Refusal {
  return new Refusal(404, 'NOT_FOUND', 'The requested resource does not exist')
}

/** An error of one row in Salesforce's own words. */
export interface RowError {
  readonly statusCode: string
  readonly message: string
  readonly fields: readonly string[]
}

/** One row that cannot be written, in Salesforce's words. Thrown without a stack: a load may have a million of them. */
export class RowFault {
  readonly error: RowError

  constructor(statusCode: string, message: string, ...fields: readonly string[]) {
    this.error = { statusCode, message, fields }
  }
}

/** An error as the Bulk API spells it: `CODE:message:field1 field2 --`, without fields `CODE:message:--`. */
export function formatRowError({ statusCode, message, fields }: RowError): string {
  return `${statusCode}:${message}:${fields.map((field) => `${field} `).join('')}--`
}

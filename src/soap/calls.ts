import { UsageError } from '../errors.ts'

/** A SOAP call that writes rows. Source: SOAP API guide, "Core Calls". */
export interface SoapCall {
  /** Element of the call; the answer's is the same with `Response` behind it. */
  readonly element: 'create' | 'update' | 'upsert' | 'delete' | 'undelete'
  /** What stands for a row: a whole record, or its Id. */
  readonly sends: 'records' | 'ids'
}

const calls: Readonly<Record<string, SoapCall>> = {
  insert: { element: 'create', sends: 'records' },
  update: { element: 'update', sends: 'records' },
  upsert: { element: 'upsert', sends: 'records' },
  delete: { element: 'delete', sends: 'ids' },
  undelete: { element: 'undelete', sends: 'ids' },
}

/**
 * The call of an operation by the Bulk API's name of it. Throws `UsageError` for one that SOAP does not have.
 */
export function findSoapCall(operation: string): SoapCall {
  const call = calls[operation]
  if (call !== undefined) return call
  throw new UsageError(`the SOAP API cannot ${operation === 'hardDelete' ? 'hard-delete' : operation}`, {
    code: 'NOT_BY_SOAP',
    hint: 'only the Bulk API can: leave out --api soap, or give --api bulk',
  })
}

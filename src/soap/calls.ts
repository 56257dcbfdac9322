import { UsageError } from '../errors.ts'

/** A SOAP call that writes rows. Source: SOAP API guide, "Core Calls". */
export interface SoapCall {
  /** Element of the call; the answer's is the same with `Response` behind it. */
  readonly element: 'create' | 'update' | 'upsert' | 'delete' | 'undelete'
  /** What stands for a row: a whole record, or its Id. */
  readonly sends: 'records' | 'ids'
  /** Whether rows that were written by it may be sent once more without harm. */
  readonly repeatable: boolean
}

const calls: Readonly<Record<string, SoapCall>> = {
  insert: { element: 'create', sends: 'records', repeatable: false },
  update: { element: 'update', sends: 'records', repeatable: true },
  upsert: { element: 'upsert', sends: 'records', repeatable: true },
  delete: { element: 'delete', sends: 'ids', repeatable: true },
  undelete: { element: 'undelete', sends: 'ids', repeatable: true },
}

/**
 * The call of an operation by the Bulk API's name of it. Throws `UsageError` for one that SOAP does not have.
 *
 * @param key of an upsert: `Id` or an external ID
 */
export function findSoapCall(operation: string, key?: string): SoapCall {
  const call = calls[operation]
  // An upsert creates the rows that have no Id, and would create them once more when it is repeated.
  if (call !== undefined) return key?.toLowerCase() === 'id' ? { ...call, repeatable: false } : call
  throw new UsageError(`the SOAP API cannot ${operation === 'hardDelete' ? 'hard-delete' : operation}`, {
    code: 'NOT_BY_SOAP',
    hint: 'only the Bulk API can: leave out --api soap, or give --api bulk',
  })
}

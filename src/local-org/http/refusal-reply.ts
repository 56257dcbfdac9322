import { EngineError } from '../engine.ts'
import { isBusy } from '../is-busy.ts'
import { Refusal } from './refusal.ts'
import { jsonReply, type Reply } from './reply.ts'

/** The answer for anything that a handler throws. What is no refusal is a mistake here and answered as the service does. */
export function refusalReply(error: unknown): Reply {
  if (error instanceof Refusal) {
    const { status, errorCode, message, fields } = error
    return jsonReply([{ message, errorCode, ...(fields.length > 0 ? { fields } : {}) }], status)
  }
  if (error instanceof EngineError) return jsonReply([{ message: error.message, errorCode: error.code }], 400)
  if (isBusy(error)) {
    return jsonReply([{ message: 'The database is busy. Try again.', errorCode: 'SERVER_UNAVAILABLE' }], 503)
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  return jsonReply([{ message: `An unexpected error occurred. ${text}`, errorCode: 'UNKNOWN_EXCEPTION' }], 500)
}

import { open, readFile, rename } from 'node:fs/promises'
import { RunError, UsageError } from '../errors.ts'

/** Where an incremental query stands: what it has delivered so far. */
export interface IncrementalState {
  readonly version: 1
  /** The org and the query that the state belongs to. */
  readonly org: string
  readonly query: string
  /** Latest SystemModstamp delivered, in milliseconds since 1970; of later ones than the query, its time. */
  readonly mark: number
  /** The rows delivered of the time that the next run reads again. */
  readonly seen: readonly DeliveredRow[]
}

/** SystemModstamp in milliseconds since 1970, and a hash of all that the row held. */
export type DeliveredRow = readonly [modstamp: number, hash: string]

/**
 * Reads the state of an earlier run; undefined when there is no such file. Throws `UsageError` for one that cannot be read,
 * or that belongs to another query or org.
 */
export async function readState(path: string, org: string, query: string): Promise<IncrementalState | undefined> {
  const state = parseState(path, await readText(path))
  if (state === undefined) return undefined
  const different = state.org !== org ? `the org ${state.org}, not ${org}` : 'another query'
  if (state.org === org && state.query === query) return state
  throw new UsageError(`${path} is the state of ${different}`, {
    code: 'OTHER_STATE',
    hint: 'name another file with --state, or delete this one to read all rows again',
  })
}

/** Keeps the state; on the disk before this returns, and never half of it. */
export async function keepState(path: string, state: IncrementalState): Promise<void> {
  try {
    const file = await open(`${path}.partial`, 'w', 0o600)
    try {
      await file.writeFile(`${JSON.stringify(state)}\n`)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(`${path}.partial`, path)
  } catch (cause) {
    throw new RunError(`the rows are written, but the state ${path} is not: ${reasonOf(cause)}`, {
      code: 'STATE_NOT_KEPT',
      hint: 'the next run delivers these rows again',
      cause,
    })
  }
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw unreadable(path, reasonOf(cause), cause)
  }
}

function parseState(path: string, text: string | undefined): IncrementalState | undefined {
  if (text === undefined) return undefined
  try {
    const state = JSON.parse(text) as IncrementalState
    if (state.version === 1 && Number.isFinite(state.mark) && Array.isArray(state.seen)) return state
  } catch (cause) {
    throw unreadable(path, 'it is no JSON', cause)
  }
  throw unreadable(path, 'it is no state of this program, or of a later version', undefined)
}

function unreadable(path: string, reason: string, cause: unknown): UsageError {
  return new UsageError(`the state ${path} cannot be read: ${reason}`, {
    code: 'BAD_STATE',
    hint: 'name another file with --state, or delete this one to read all rows again',
    cause,
  })
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

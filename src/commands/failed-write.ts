/** The keys of a write's `--json` object before its `error` and `exitCode`, as far as they are known. */
export interface FailedWrite {
  /** Null where the failure left no record behind. */
  readonly run: string | null
  readonly operation: string
  readonly sobject: string | null
  /** Null while none is chosen. */
  readonly api: string | null
  readonly org: string | null
  readonly jobs: readonly string[]
  readonly rows: Readonly<Record<string, number>>
  readonly files: { readonly success: string | null; readonly errors: string | null }
  readonly apiCalls: number
  readonly bytesSent: number
  readonly elapsedMs: number
}

/** Counts of a write that has read nothing. */
export const noRows = { read: 0, sent: 0, accepted: 0, rejected: 0, unprocessed: 0, unknown: 0, skipped: 0 }

const noted = new WeakMap<object, FailedWrite>()

/** Keeps what is known of the write that an error ended, for whoever prints the error. */
export function noteFailedWrite(error: unknown, write: FailedWrite): void {
  if (error instanceof Error) noted.set(error, write)
}

/**
 * What is known of the write that an error ended; of one that did not get as far as its first step, what was typed. Undefined
 * for commands that write no rows.
 */
export function findFailedWrite(error: unknown, [operation = '', sobject]: readonly string[]): FailedWrite | undefined {
  const found = error instanceof Error ? noted.get(error) : undefined
  if (found !== undefined || !writingCommands.has(operation)) return found
  return {
    run: null,
    operation,
    // Of an undo the word is a run.
    sobject: sobject === undefined || sobject.startsWith('-') || operation === 'undo' ? null : sobject,
    api: null,
    org: null,
    jobs: [],
    rows: noRows,
    files: { success: null, errors: null },
    apiCalls: 0,
    bytesSent: 0,
    elapsedMs: Math.round(performance.now()),
  }
}

const writingCommands: ReadonlySet<string> = new Set(['insert', 'update', 'upsert', 'delete', 'hard-delete', 'undo'])

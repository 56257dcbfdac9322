import { PassThrough, Readable } from 'node:stream'
import { runForJson, runLines } from './run-words.ts'

/** What every call may be told besides its own options. */
export interface CallTools {
  /** Variables of the connection, as on the command line. Default: those of the process. */
  readonly environment?: Readonly<Record<string, string | undefined>> | undefined
  /** Folder of the `.env` file, and against which relative paths stand. Default: that of the process. */
  readonly folder?: string | undefined
  /** Aborted to stop in good order, as Ctrl-C does. */
  readonly signal?: AbortSignal | undefined
  /** Told what goes on, as `--progress json` prints it. */
  readonly onEvent?: ((event: ProgressEvent) => void) | undefined
}

/** `{ time, type, … }`: `started`, `read`, `job-started`, `job-state`, `written`, `note`. */
export interface ProgressEvent {
  readonly time: string
  readonly type: string
  readonly [field: string]: unknown
}

/** The options of the command line, by their long names in camel case: `{ externalId: 'ERP_Id__c', jobBytes: 10_000_000 }`. */
export interface CommandOptions {
  readonly [option: string]: string | number | boolean | readonly string[] | undefined
}

/** A load: rows from a CSV file or a stream of CSV into an object. */
export interface LoadRequest extends CallTools {
  readonly operation: 'insert' | 'update' | 'upsert' | 'delete' | 'hard-delete'
  readonly sobject: string
  /** Path of a CSV, or a stream of one; none with `where`. */
  readonly input?: string | Readable | undefined
  readonly options?: CommandOptions | undefined
}

/** The account of a load: what `--json` prints. Rows that were rejected are no error: they are counted and in the errors file. */
export interface LoadResult {
  readonly run: string
  readonly operation: string
  readonly sobject: string
  readonly api: string
  readonly org: string
  readonly jobs: readonly string[]
  /** `read` is the sum of all others but `sent`. */
  readonly rows: {
    readonly read: number
    readonly sent: number
    readonly accepted: number
    readonly rejected: number
    readonly unprocessed: number
    readonly unknown: number
    readonly skipped: number
  }
  /** Paths relative to the folder; null where there is none. */
  readonly files: { readonly success: string | null; readonly errors: string | null }
  readonly apiCalls: number
  readonly bytesSent: number
  readonly elapsedMs: number
  /** 0 all accepted, 1 failed or unknown rows, 3 some rejected, 5 not finished: see docs/exit-codes.md. */
  readonly exitCode: number
  readonly error?: { readonly code: string; readonly message: string; readonly hint: string | null }
}

/** A query, answered row by row or into a file. */
export interface QueryRequest extends CallTools {
  readonly soql: string
  readonly options?: CommandOptions | undefined
}

export interface ExtractResult {
  readonly org: string
  readonly api: string
  readonly jobs: readonly string[]
  readonly rows: number
  readonly bytes: number
  readonly files: { readonly output: string | readonly string[] | null }
  readonly apiCalls: number
  readonly elapsedMs: number
}

/** A record by the names of its columns: numbers and booleans as such, null where it is empty. */
export type QueriedRow = Readonly<Record<string, string | number | boolean | null>>

/**
 * Loads the rows of a CSV, as the command of that name does. Resolves with the account, also when rows were rejected or the
 * run was stopped. Throws an error with `code`, `hint` and `exitCode` when there is no account: wrong options, no such
 * object, no login.
 */
export async function load(request: LoadRequest): Promise<LoadResult> {
  const { operation, sobject, input, options, ...tools } = request
  const place = input === undefined ? [] : [typeof input === 'string' ? input : '-']
  const stdin = typeof input === 'object' ? Readable.from(toBytes(input)) : undefined
  return (await runForJson([operation, sobject, ...place], options, { ...tools, stdin })) as LoadResult
}

/** Writes the rows of a query into the file of `options.output`, in its format. Throws as `load` does, and when rows are missing. */
export async function extract(request: QueryRequest): Promise<ExtractResult> {
  const { soql, options, ...tools } = request
  return (await runForJson(['query', soql], options, tools)) as ExtractResult
}

/** The rows of a query one after the other, in bounded memory. Throws as `extract` does; rows before that have been given. */
export async function* query(request: QueryRequest): AsyncGenerator<QueriedRow> {
  const { soql, options, ...tools } = request
  const stdout = new PassThrough()
  for await (const line of runLines(['query', soql], { ...options, format: 'jsonl' }, { ...tools, stdout })) {
    yield JSON.parse(line) as QueriedRow
  }
}

/** A stream may give text. */
async function* toBytes(stream: Readable): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) yield typeof chunk === 'string' ? Buffer.from(chunk) : chunk
}

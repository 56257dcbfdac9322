import { type FileHandle, open, readFile } from 'node:fs/promises'
import { RunError, UsageError } from '../errors.ts'
import { journalVersion, type RunEntry, type TimedEntry } from './run-entries.ts'

/** A step could not be written down, so it was not taken. */
export class RecordFailed extends RunError {}

/**
 * A journal that is only ever appended to: a line of JSON for each entry. What is appended meanwhile is written and flushed
 * in one go, so that parallel parts share the wait for the disk.
 */
export class JournalFile {
  readonly #path: string
  readonly #file: FileHandle
  #waiting: string[] = []
  #flush: Promise<void> | undefined
  #writing: Promise<void> | undefined
  /** After a failure half a line may stand at the end, so nothing may follow it. */
  #failure: RecordFailed | undefined

  private constructor(path: string, file: FileHandle) {
    this.#path = path
    this.#file = file
  }

  /** Opens a journal, or begins one, which its owner alone can read. A last line that a crash cut short is taken off. */
  static async open(path: string): Promise<JournalFile> {
    const file = await open(path, 'a+', 0o600)
    const text = await file.readFile('utf8')
    const whole = Buffer.byteLength(text.slice(0, text.lastIndexOf('\n') + 1))
    if (whole < Buffer.byteLength(text)) await file.truncate(whole)
    return new JournalFile(path, file)
  }

  /** Resolves when the entry is on disk. Throws `RunError`: what the entry announces must not be done then. */
  async append(entry: RunEntry): Promise<void> {
    const { type, ...rest } = entry
    this.#waiting.push(`${JSON.stringify({ type, at: new Date().toISOString(), ...rest })}\n`)
    this.#flush ??= this.#writeSoon()
    await this.#flush
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  /** Takes the entries of this moment, once the flush before has ended. */
  async #writeSoon(): Promise<void> {
    const before = this.#writing
    const writing = (async () => {
      await before?.catch(() => undefined)
      const lines = this.#waiting.join('')
      this.#waiting = []
      this.#flush = undefined
      await this.#write(lines)
    })()
    this.#writing = writing
    await writing
  }

  async #write(lines: string): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure
    try {
      await this.#file.appendFile(lines)
      await this.#file.datasync()
    } catch (cause) {
      this.#failure = recordFailed(this.#path, cause)
      throw this.#failure
    }
  }
}

/**
 * The entries of a journal; none for one that is not there. A line that was cut short by a crash ends it. `wanted`: the
 * entries that are of interest; the others are not even parsed.
 *
 * Throws `UsageError` for a journal of a later version, and for one that is damaged.
 */
export async function readJournal(
  path: string,
  wanted?: ReadonlySet<RunEntry['type']>,
): Promise<readonly TimedEntry[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return ''
    throw new UsageError(`cannot read ${path}: ${error.message}`, { code: 'RUN_UNREADABLE', cause: error })
  })
  const lines = text.split('\n').slice(0, -1)
  const entries: TimedEntry[] = []
  for (const [index, line] of lines.entries()) {
    const type = /^\{"type":"([a-z-]+)"/.exec(line)?.[1]
    if (index > 0 && wanted !== undefined && type !== undefined && !wanted.has(type as RunEntry['type'])) continue
    entries.push(parseEntry(line, path, index + 1))
    if (index === 0) checkVersion(entries[0], path)
  }
  return entries
}

function parseEntry(line: string, path: string, number: number): TimedEntry {
  try {
    return JSON.parse(line) as TimedEntry
  } catch (cause) {
    throw new UsageError(`${path} is damaged in line ${number}`, {
      code: 'RUN_DAMAGED',
      hint: 'the run cannot be carried on; its jobs are on the server for seven days',
      cause,
    })
  }
}

function checkVersion(first: TimedEntry | undefined, path: string): void {
  const version = first?.type === 'started' ? first.version : undefined
  if (version !== undefined && version <= journalVersion) return
  const isLater = version !== undefined
  throw new UsageError(isLater ? `${path} is of a later version of sfbulk` : `${path} is no record of a run`, {
    code: isLater ? 'RUN_OF_LATER_VERSION' : 'RUN_DAMAGED',
    hint: isLater ? 'use that version for this run: sfbulk --version tells which one this is' : undefined,
  })
}

/** What a record cannot be kept for. */
export function recordFailed(path: string, cause: unknown): RecordFailed {
  const { code, message } = cause as NodeJS.ErrnoException
  return new RecordFailed(
    code === 'ENOSPC' ? `the disk is full: ${path} could not be written` : `cannot write ${path}: ${message}`,
    {
      code: code === 'ENOSPC' ? 'DISK_FULL' : 'RECORD_FAILED',
      hint: 'nothing is sent without a record of it; make room, or name another folder with SFBULK_HOME',
      cause,
    },
  )
}

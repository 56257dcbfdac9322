import { constants } from 'node:fs'
import { access, type FileHandle, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { Writable } from 'node:stream'
import { RunError, UsageError } from '../errors.ts'
import type { ByteWriter } from './byte-writer.ts'

/** Where one of the two result files goes. */
export type ResultTarget =
  /** Written only when it has a row; a file of an earlier run is renamed first. */
  | { readonly kind: 'default'; readonly path: string }
  /** Named by hand: always written, and replaced as `>` would. */
  | { readonly kind: 'named'; readonly path: string }
  | { readonly kind: 'stdout' }
  | { readonly kind: 'none' }

/** A result file in the making: under a temporary name until it is complete. */
export interface ResultFile {
  write(bytes: ByteWriter): Promise<void>
  /** Puts the file under its name; gives the name, or null when there is none. `rows`: how many it holds. */
  complete(rows: number): Promise<string | null>
  /** Takes the temporary file away. */
  discard(): Promise<void>
}

export interface ResultFileTools {
  readonly runId: string
  readonly stdout: Writable
  /** Id of the run that wrote this file, for the name that it gets; undefined when no record tells. */
  readonly earlierRun: (path: string) => Promise<string | undefined>
}

/** Opens a result file, which also proves that it can be written. Throws `UsageError` when it cannot. */
export async function openResultFile(target: ResultTarget, tools: ResultFileTools): Promise<ResultFile> {
  if (target.kind === 'none') return nowhere
  if (target.kind === 'stdout') return toStream(tools.stdout)
  // A device or a pipe (/dev/null, a FIFO) cannot be replaced by a file of its name: it is written to as it is.
  const existing = await stat(target.path).catch(() => undefined)
  if (existing && !existing.isFile() && !existing.isDirectory()) return toDevice(target.path)
  return TemporaryFile.open(target.kind, target.path, tools)
}

const nowhere: ResultFile = {
  async write(bytes) {
    bytes.length = 0
  },
  complete: async () => null,
  discard: async () => {},
}

function toStream(stream: Writable): ResultFile {
  return {
    async write(bytes) {
      const piece = bytes.take()
      await new Promise<void>((resolve, reject) => {
        stream.write(piece, (error) => (error ? reject(error) : resolve()))
      })
    },
    complete: async () => '-',
    discard: async () => {},
  }
}

async function toDevice(path: string): Promise<ResultFile> {
  const handle = await open(path, 'w').catch((cause) => {
    throw unwritable(path, cause)
  })
  return {
    write: (bytes) => writeAll(handle, path, bytes),
    async complete() {
      await handle.close()
      return path
    },
    discard: () => handle.close(),
  }
}

class TemporaryFile implements ResultFile {
  readonly #kind: 'default' | 'named'
  readonly #path: string
  readonly #temporary: string
  readonly #handle: FileHandle
  readonly #tools: ResultFileTools

  private constructor(
    kind: 'default' | 'named',
    path: string,
    temporary: string,
    handle: FileHandle,
    tools: ResultFileTools,
  ) {
    this.#kind = kind
    this.#path = path
    this.#temporary = temporary
    this.#handle = handle
    this.#tools = tools
  }

  static async open(kind: 'default' | 'named', path: string, tools: ResultFileTools): Promise<TemporaryFile> {
    const temporary = join(dirname(path), `.${basename(path)}.${tools.runId}.partial`)
    try {
      const existing = await stat(path).catch(() => undefined)
      if (existing?.isDirectory()) throw new Error('it is a folder')
      if (existing) await access(path, constants.W_OK)
      return new TemporaryFile(kind, path, temporary, await open(temporary, 'wx', 0o666), tools)
    } catch (cause) {
      throw unwritable(path, cause)
    }
  }

  write(bytes: ByteWriter): Promise<void> {
    return writeAll(this.#handle, this.#path, bytes)
  }

  async complete(rows: number): Promise<string | null> {
    try {
      await this.#handle.close()
      if (this.#kind === 'default') await this.#keepEarlier()
      if (this.#kind === 'default' && rows === 0) {
        await unlink(this.#temporary)
        return null
      }
      await rename(this.#temporary, this.#path)
      return this.#path
    } catch (cause) {
      throw writeFailed(this.#path, cause)
    }
  }

  async discard(): Promise<void> {
    await this.#handle.close().catch(() => {})
    await unlink(this.#temporary).catch(() => {})
  }

  /** Renames a file of an earlier run: `accounts.errors.csv` becomes `accounts.errors.<run>.csv`. */
  async #keepEarlier(): Promise<void> {
    const existing = await stat(this.#path).catch(() => undefined)
    if (!existing) return
    const run = (await this.#tools.earlierRun(this.#path)) ?? timeName(existing.mtime)
    await rename(this.#path, await freeName(this.#path, run))
  }
}

/** A name that no file has: the run's id before the extension, and a number when that is taken, too. */
async function freeName(path: string, run: string): Promise<string> {
  const stem = path.replace(/\.csv$/, '')
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${stem}.${run}.csv` : `${stem}.${run}-${number}.csv`
    if (!(await stat(name).catch(() => undefined))) return name
  }
}

/** `20261121-131500`, in UTC. */
function timeName(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
}

async function writeAll(handle: FileHandle, path: string, bytes: ByteWriter): Promise<void> {
  if (bytes.length === 0) return
  try {
    const piece = bytes.view()
    for (let written = 0; written < piece.length; ) {
      written += (await handle.write(piece, written)).bytesWritten
    }
    bytes.length = 0
  } catch (cause) {
    throw writeFailed(path, cause)
  }
}

function unwritable(path: string, cause: unknown): UsageError {
  return new UsageError(`cannot write ${path}: ${plainReason(cause)}`, {
    code: 'UNWRITABLE_OUTPUT',
    hint: 'nothing was sent; name another place with --errors FILE and --success FILE',
    cause,
  })
}

function writeFailed(path: string, cause: unknown): RunError {
  const full = (cause as NodeJS.ErrnoException).code === 'ENOSPC'
  return new RunError(
    full ? `the disk is full: ${path} could not be written` : `cannot write ${path}: ${plainReason(cause)}`,
    {
      code: full ? 'DISK_FULL' : 'WRITE_FAILED',
      cause,
    },
  )
}

function plainReason(cause: unknown): string {
  const { code, message } = cause as NodeJS.ErrnoException
  if (code === 'ENOENT') return 'its folder does not exist'
  if (code === 'EACCES' || code === 'EPERM') return 'no permission'
  if (code === 'EROFS') return 'the file system is read-only'
  return message
}

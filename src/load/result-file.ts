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
  /** Bytes that it holds so far; 0 for one that cannot be gone on with. */
  size(): number
  /** Resolves when what was written is on disk. */
  flush(): Promise<void>
  /** Puts the file under its name; gives the name, or null when there is none. `rows`: how many it holds. */
  complete(rows: number): Promise<string | null>
  /** Closes the file and keeps it under its temporary name, so that the run can be carried on. */
  suspend(): Promise<void>
  /** Takes the temporary file away. */
  discard(): Promise<void>
}

export interface ResultFileTools {
  readonly runId: string
  readonly stdout: Writable
  /** Id of the run that wrote this file, for the name that it gets; undefined when no record tells. */
  readonly earlierRun: (path: string) => Promise<string | undefined>
}

/**
 * Opens a result file, which also proves that it can be written. Throws `UsageError` when it cannot. `keep`: bytes of it that
 * stand when a run is carried on; what an earlier process wrote behind them is written anew.
 */
export async function openResultFile(target: ResultTarget, tools: ResultFileTools, keep?: number): Promise<ResultFile> {
  if (target.kind === 'none') return nowhere
  if (target.kind === 'stdout') return toStream(tools.stdout)
  // A device or a pipe (/dev/null, a FIFO) cannot be replaced by a file of its name: it is written to as it is.
  const existing = await stat(target.path).catch(() => undefined)
  if (existing && !existing.isFile() && !existing.isDirectory()) return toDevice(target.path)
  if (keep !== undefined && (await isComplete(target, tools.runId, keep))) return alreadyComplete(target.path, keep)
  return TemporaryFile.open(target.kind, target.path, tools, keep)
}

const nowhere: ResultFile = {
  async write(bytes) {
    bytes.length = 0
  },
  size: () => 0,
  flush: async () => {},
  complete: async () => null,
  suspend: async () => {},
  discard: async () => {},
}

/** The path of a result file while it is being written. */
function temporaryPath(path: string, runId: string): string {
  return join(dirname(path), `.${basename(path)}.${runId}.partial`)
}

/** Whether what an earlier process wrote of a file is still there, to go on with or already under its name. */
export async function isKept(path: string, runId: string, bytes: number): Promise<boolean> {
  const partial = await stat(temporaryPath(path, runId)).catch(() => undefined)
  return partial !== undefined ? partial.size >= bytes : (await stat(path).catch(() => undefined))?.size === bytes
}

/** An earlier process died after it had given the file its name. */
async function isComplete({ path }: { readonly path: string }, runId: string, bytes: number): Promise<boolean> {
  const hasPartial = await stat(temporaryPath(path, runId)).then(
    () => true,
    () => false,
  )
  return !hasPartial && bytes > 0 && (await stat(path).catch(() => undefined))?.size === bytes
}

function alreadyComplete(path: string, bytes: number): ResultFile {
  return {
    ...nowhere,
    size: () => bytes,
    complete: async (rows) => (rows === 0 ? null : path),
  }
}

function toStream(stream: Writable): ResultFile {
  return {
    async write(bytes) {
      const piece = bytes.take()
      await new Promise<void>((resolve, reject) => {
        stream.write(piece, (error) => (error ? reject(error) : resolve()))
      })
    },
    size: () => 0,
    flush: async () => {},
    complete: async () => '-',
    suspend: async () => {},
    discard: async () => {},
  }
}

async function toDevice(path: string): Promise<ResultFile> {
  const handle = await open(path, 'w').catch((cause) => {
    throw unwritable(path, cause)
  })
  return {
    write: async (bytes) => void (await writeAll(handle, path, bytes)),
    size: () => 0,
    flush: async () => {},
    suspend: () => handle.close(),
    async complete() {
      await handle.close()
      return path
    },
    discard: () => handle.close(),
  }
}

const syncBytes = 16 << 20

class TemporaryFile implements ResultFile {
  readonly #kind: 'default' | 'named'
  readonly #path: string
  readonly #temporary: string
  readonly #tools: ResultFileTools
  /** Undefined until something is to be written. */
  #handle: FileHandle | undefined
  #size: number
  /** Bytes since the last time that the disk was told to take what it has. */
  #unsynced = 0
  #syncing: Promise<void> = Promise.resolve()
  #syncFailure: unknown

  private constructor(
    kind: 'default' | 'named',
    path: string,
    temporary: string,
    handle: FileHandle | undefined,
    tools: ResultFileTools,
    size: number,
  ) {
    this.#size = size
    this.#kind = kind
    this.#path = path
    this.#temporary = temporary
    this.#handle = handle
    this.#tools = tools
  }

  static async open(
    kind: 'default' | 'named',
    path: string,
    tools: ResultFileTools,
    keep?: number,
  ): Promise<TemporaryFile> {
    const temporary = temporaryPath(path, tools.runId)
    try {
      const existing = await stat(path).catch(() => undefined)
      if (existing?.isDirectory()) throw new Error('it is a folder')
      if (existing) await access(path, constants.W_OK)
      if (keep === undefined) await proveWritable(temporary)
      const handle = keep === undefined ? undefined : await open(temporary, 'a', 0o666)
      await handle?.truncate(keep ?? 0)
      return new TemporaryFile(kind, path, temporary, handle, tools, keep ?? 0)
    } catch (cause) {
      throw unwritable(path, cause)
    }
  }

  async write(bytes: ByteWriter): Promise<void> {
    const handle = await this.#made()
    const written = await writeAll(handle, this.#path, bytes)
    this.#size += written
    this.#unsynced += written
    if (this.#unsynced >= syncBytes) this.#syncBehind(handle)
  }

  size(): number {
    return this.#size
  }

  async flush(): Promise<void> {
    try {
      await this.#syncing
      if (this.#syncFailure !== undefined) throw this.#syncFailure
      await this.#handle?.datasync()
    } catch (cause) {
      throw writeFailed(this.#path, cause)
    }
  }

  /** Lets the disk work while more is written, so that little is left to wait for at the end; a failure is told by `flush`. */
  #syncBehind(handle: FileHandle): void {
    this.#unsynced = 0
    this.#syncing = this.#syncing
      .then(() => handle.datasync())
      .catch((failure: unknown) => {
        this.#syncFailure ??= failure
      })
  }

  async suspend(): Promise<void> {
    await this.#syncing
    await this.#handle?.close().catch(() => {})
  }

  async complete(rows: number): Promise<string | null> {
    try {
      const handle = await this.#made()
      await this.#syncing
      await handle.close()
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
    await this.#syncing
    await this.#handle?.close().catch(() => {})
    await unlink(this.#temporary).catch(() => {})
  }

  async #made(): Promise<FileHandle> {
    try {
      this.#handle ??= await open(this.#temporary, 'a', 0o666)
      return this.#handle
    } catch (cause) {
      throw writeFailed(this.#path, cause)
    }
  }

  /** Renames a file of an earlier run: `accounts.errors.csv` becomes `accounts.errors.<run>.csv`. */
  async #keepEarlier(): Promise<void> {
    const existing = await stat(this.#path).catch(() => undefined)
    if (!existing) return
    const run = (await this.#tools.earlierRun(this.#path)) ?? timeName(existing.mtime)
    await rename(this.#path, await freeName(this.#path, run))
  }
}

/** Leaves nothing behind: a process that dies before its run is recorded has no file that somebody would have to find. */
async function proveWritable(path: string): Promise<void> {
  const handle = await open(path, 'wx', 0o666)
  await handle.close()
  await unlink(path)
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

async function writeAll(handle: FileHandle, path: string, bytes: ByteWriter): Promise<number> {
  if (bytes.length === 0) return 0
  try {
    const piece = bytes.view()
    for (let written = 0; written < piece.length; ) {
      written += (await handle.write(piece, written)).bytesWritten
    }
    bytes.length = 0
    return piece.length
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

import { constants } from 'node:fs'
import { access, type FileHandle, open, rename, stat, unlink } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SyncBehind } from '../sync-behind.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { ResultFile, ResultFileTools } from './result-file.ts'
import { unwritable, writeAll, writeFailed } from './write-bytes.ts'

/** The path of a result file while it is being written. */
export function temporaryPath(path: string, runId: string): string {
  return join(dirname(path), `.${basename(path)}.${runId}.partial`)
}

/** A result file in the making, beside the place where it will be. */
export class TemporaryFile implements ResultFile {
  readonly #kind: 'default' | 'named'
  readonly #path: string
  readonly #temporary: string
  readonly #tools: ResultFileTools
  /** Undefined until something is to be written. */
  #handle: FileHandle | undefined
  #size: number
  #disk: SyncBehind | undefined

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
    this.#disk ??= new SyncBehind(handle)
    this.#disk.wrote(written)
  }

  size(): number {
    return this.#size
  }

  async flush(): Promise<void> {
    try {
      await this.#disk?.finish()
    } catch (cause) {
      throw writeFailed(this.#path, cause)
    }
  }

  async suspend(): Promise<void> {
    await this.#disk?.settle()
    await this.#handle?.close().catch(() => {})
  }

  async complete(rows: number): Promise<string | null> {
    try {
      const handle = await this.#made()
      await this.#disk?.settle()
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
    await this.#disk?.settle()
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
    const name = await takeFreeName(this.#path, run)
    await rename(this.#path, name).catch(async (error: NodeJS.ErrnoException) => {
      await unlink(name)
      // Another load of the same input has ended meanwhile and moved it.
      if (error.code !== 'ENOENT') throw error
    })
  }
}

/** Leaves nothing behind: a process that dies before its run is recorded has no file that somebody would have to find. */
async function proveWritable(path: string): Promise<void> {
  const handle = await open(path, 'wx', 0o666)
  await handle.close()
  await unlink(path)
}

/** A name that no file has had: the run's id before the extension, and a number when that is taken, too. It is there, and empty. */
async function takeFreeName(path: string, run: string): Promise<string> {
  const stem = path.replace(/\.csv$/, '')
  for (let number = 1; ; number++) {
    const name = number === 1 ? `${stem}.${run}.csv` : `${stem}.${run}-${number}.csv`
    const handle = await open(name, 'wx', 0o666).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
    await handle?.close()
    if (handle !== undefined) return name
  }
}

/** `20261121-131500`, in UTC. */
function timeName(time: Date): string {
  return time.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
}

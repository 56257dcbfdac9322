import { open, stat } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import type { ByteWriter } from './byte-writer.ts'
import { TemporaryFile, temporaryPath } from './temporary-file.ts'
import { unwritable, writeAll } from './write-bytes.ts'

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

import type { Stats } from 'node:fs'
import { type FileHandle, open, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Writable } from 'node:stream'
import { RunError, UsageError } from '../errors.ts'
import { SyncBehind } from '../sync-behind.ts'
import { FileWriter } from './file-writer.ts'
import { StreamWriter } from './stream-writer.ts'

/** Where an extract goes: a file, or a stream such as stdout. */
export interface ByteSink {
  /** Name of the file that there is in the end; null for a stream. */
  readonly file: string | null
  /** Takes a block, which is given away, and resolves when there is room for more. Throws `ClosedPipe` when nobody reads a stream any more, `RunError` when a disk is full. */
  write(block: Uint8Array): Promise<void>
  /** No more is written; a file keeps its temporary name for now. Once is enough. */
  close(): Promise<void>
  /** Everything is written: the file gets its name. */
  finish(): Promise<void>
  /** Something is missing: a file keeps the name `<file>.partial`, which is returned, or is removed when nothing is to be kept. */
  abandon(keep: boolean): Promise<string | null>
}

/** The reader of a pipe has gone, as `head` does when it has enough: no failure. */
export class ClosedPipe extends Error {}

/** A stream that somebody else opened; it is not ended. */
export function streamSink(stream: Writable): ByteSink {
  const writer = new StreamWriter(stream)
  return {
    file: null,
    write: async (block) => await writer.write(block).catch(throwAsClosedPipe),
    close: async () => await writer.flush().catch(throwAsClosedPipe),
    finish: async () => await writer.flush().catch(throwAsClosedPipe),
    abandon: async () => {
      await writer.flush().catch(() => undefined)
      return null
    },
  }
}

/**
 * A file that is written as `<path>.partial`, and renamed when it is complete and on disk. What is no regular file (a device, a named
 * pipe) is written to directly. Throws `UsageError` when it cannot be opened.
 */
export async function fileSink(path: string): Promise<ByteSink> {
  const target = await findTarget(path)
  const working = target.direct ? target.path : `${target.path}.partial`
  const file = await (target.direct ? open(working, 'w') : openNew(working)).catch((error: unknown) => {
    throw cannotOpen(path, error)
  })
  const own = await file.stat()
  // Whoever may not read the file that is replaced is not to read the new one.
  if (target.mode !== undefined) await file.chmod(target.mode)
  const disk = target.direct ? undefined : new SyncBehind(file)
  const writer = new FileWriter(file, (bytes) => disk?.wrote(bytes))
  let ended: Promise<void> | undefined
  async function end(): Promise<void> {
    try {
      await writer.flush()
      await disk?.finish()
    } finally {
      await file.close()
    }
  }
  async function close(): Promise<void> {
    ended ??= end()
    await ended.catch((error: unknown) => {
      throw cannotWrite(path, error)
    })
  }
  return {
    file: path,
    async write(block) {
      await writer.write(block).catch((error: unknown) => {
        throw cannotWrite(path, error)
      })
    },
    close,
    async finish() {
      await close()
      if (target.direct) return
      if (!(await isStill(working, own))) throw writtenByAnother(path)
      await rename(working, target.path)
    },
    async abandon(keep) {
      await close().catch(() => undefined)
      if (target.direct || !(await isStill(working, own))) return null
      if (keep) return working
      await rm(working)
      return null
    },
  }
}

/** Another process that is at work on the same output keeps the file that it has. */
async function openNew(path: string): Promise<FileHandle> {
  await rm(path, { force: true })
  return await open(path, 'wx')
}

async function isStill(path: string, { dev, ino }: Stats): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && found.dev === dev && found.ino === ino
}

interface Target {
  readonly path: string
  /** Whether it is written to as it stands. */
  readonly direct: boolean
  /** Permissions of the file that is there. */
  readonly mode?: number
}

/** The file that is meant, behind symbolic links, since renaming would replace the link. */
async function findTarget(path: string): Promise<Target> {
  const found = await stat(path).catch(() => undefined)
  if (found === undefined) return { path, direct: false }
  if (found.isDirectory()) {
    throw new UsageError(`${path} is a folder`, {
      code: 'CANNOT_OPEN',
      hint: `name a file in it: ${join(path, 'rows.csv')}`,
    })
  }
  if (!found.isFile()) return { path, direct: true }
  return { path: await realpath(path), direct: false, mode: found.mode & 0o777 }
}

function throwAsClosedPipe(error: unknown): never {
  if (error instanceof Error && 'code' in error && closedCodes.has(String(error.code))) {
    throw new ClosedPipe(error.message, { cause: error })
  }
  throw cannotWrite('the output', error)
}

const closedCodes: ReadonlySet<string> = new Set([
  'EPIPE',
  'ECONNRESET',
  'ERR_STREAM_DESTROYED',
  'ERR_STREAM_WRITE_AFTER_END',
])

function cannotOpen(path: string, cause: unknown): UsageError {
  return new UsageError(`cannot write to ${path}: ${reason(cause)}`, {
    code: 'CANNOT_OPEN',
    hint: 'name another file with --output',
    cause,
  })
}

function cannotWrite(path: string, cause: unknown): RunError {
  return new RunError(`cannot write to ${path}: ${reason(cause)}`, {
    code: 'CANNOT_WRITE',
    hint: 'make room or name another file, and run the query again',
    cause,
  })
}

function writtenByAnother(path: string): RunError {
  return new RunError(`another process has begun to write ${path} meanwhile`, {
    code: 'OUTPUT_TAKEN',
    hint: 'let one end before the other begins, or name another file',
  })
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

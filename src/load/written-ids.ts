import { type FileHandle, open } from 'node:fs/promises'
import type { Outcomes } from './outcomes.ts'

/** A record that a run has written. */
export interface WrittenRecord {
  /** 18 characters. */
  readonly id: string
  readonly created: boolean
}

/** Bytes of a line: an Id, a comma, `c` for created or `w` for otherwise written, a line feed. */
const writtenLineBytes = 21

/**
 * Keeps the Ids of the records that a run has written, so that the run can be undone. The success file tells them, too, but
 * it is the user's: it may be mended, moved, or not written at all.
 *
 * Lines are only ever added. A run that was broken off and carried on may add a record twice, which readers allow for.
 */
export class WrittenIds {
  readonly #path: string

  /** @param path of the file, in a folder of the run's owner */
  constructor(path: string) {
    this.#path = path
  }

  /** Adds the accepted rows of a part; they are on disk when it resolves. */
  async add(outcomes: Pick<Outcomes, 'writtenLines'>): Promise<void> {
    let file: FileHandle | undefined
    try {
      for (const lines of outcomes.writtenLines()) {
        file ??= await openWhole(this.#path)
        await file.writeFile(lines)
      }
      await file?.datasync()
    } finally {
      await file?.close()
    }
  }
}

/** A line that was torn when a process died must not spoil the one behind it. */
async function openWhole(path: string): Promise<FileHandle> {
  const file = await open(path, 'a', 0o600)
  const { size } = await file.stat()
  if (size % writtenLineBytes !== 0) await file.truncate(size - (size % writtenLineBytes))
  return file
}

/** The records that were kept so, some thousand at a time; none where there is no file. A record may come twice. */
export async function* readWrittenIds(path: string): AsyncGenerator<readonly WrittenRecord[]> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (file === undefined) return
  try {
    const buffer = Buffer.alloc(writtenLineBytes * 2_000)
    for (let position = 0; ; ) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, position)
      const lines = Math.floor(bytesRead / writtenLineBytes)
      if (lines === 0) return
      position += lines * writtenLineBytes
      yield Array.from({ length: lines }, (_, line) => readLine(buffer, line * writtenLineBytes))
    }
  } finally {
    await file.close()
  }
}

function readLine(buffer: Buffer, start: number): WrittenRecord {
  return { id: buffer.toString('latin1', start, start + 18), created: buffer[start + 19] === letterC }
}

const letterC = 0x63

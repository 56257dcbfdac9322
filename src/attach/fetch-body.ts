import { open, unlink } from 'node:fs/promises'
import { writeFailed } from '../load/write-bytes.ts'
import { NetworkError } from '../org/network-error.ts'
import type { Org } from '../org/org.ts'
import { isPassing } from '../org/retry.ts'
import { restarts } from '../org/retry-table.ts'

/**
 * Writes the body of a record to a new file, a piece at a time, and gives its size. One that breaks off on the way is
 * fetched again; a file that is not complete is taken away. Throws what the org throws, and `RunError` for the disk.
 */
export async function fetchBody(org: Org, path: string, file: string, signal: AbortSignal): Promise<number> {
  const handle = await open(file, 'wx').catch((error: unknown) => {
    throw writeFailed(file, error)
  })
  try {
    for (let tried = 1; ; tried++) {
      try {
        const { body } = await org.send({ method: 'GET', path, signal })
        let size = 0
        for await (const piece of body as AsyncIterable<Buffer>) {
          for (let written = 0; written < piece.length; ) {
            written += await write(piece, written, size + written)
          }
          size += piece.length
        }
        await handle.truncate(size)
        return size
      } catch (error) {
        const isCut = error instanceof NetworkError && isPassing(error)
        if (!isCut || tried === restarts.body.tries || signal.aborted) throw error
      }
    }
  } catch (error) {
    await unlink(file).catch(() => {})
    throw error
  } finally {
    await handle.close()
  }

  async function write(piece: Buffer, from: number, position: number): Promise<number> {
    const { bytesWritten } = await handle.write(piece, from, piece.length - from, position).catch((error: unknown) => {
      throw writeFailed(file, error)
    })
    return bytesWritten
  }
}

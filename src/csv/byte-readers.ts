import type { FileHandle } from 'node:fs/promises'

/** Puts the next bytes into `target` from `at` on and says how many; 0 at the end of the input. */
export type ReadBytes = (target: Buffer, at: number) => Promise<number>

/** Reads the bytes from `from` to `to` of an open file. */
export function readFileRange(file: FileHandle, from: number, to: number): ReadBytes {
  let position = from
  return async (target, at) => {
    const wanted = Math.min(target.length - at, to - position)
    if (wanted <= 0) return 0
    const { bytesRead } = await file.read(target, at, wanted, position)
    position += bytesRead
    return bytesRead
  }
}

/** Reads chunks of any size, such as the body of an HTTP response, one after the other. */
export function readChunks(chunks: AsyncIterable<Uint8Array>): ReadBytes {
  const iterator = chunks[Symbol.asyncIterator]()
  let chunk: Uint8Array = new Uint8Array(0)
  return async (target, at) => {
    while (chunk.length === 0) {
      const next = await iterator.next()
      if (next.done === true) return 0
      chunk = next.value
    }
    const count = Math.min(chunk.length, target.length - at)
    target.set(chunk.subarray(0, count), at)
    chunk = chunk.subarray(count)
    return count
  }
}

/** Reads bytes that are in memory. */
export function readBuffer(bytes: Uint8Array): ReadBytes {
  let position = 0
  return async (target, at) => {
    const count = Math.min(bytes.length - position, target.length - at)
    target.set(bytes.subarray(position, position + count), at)
    position += count
    return count
  }
}

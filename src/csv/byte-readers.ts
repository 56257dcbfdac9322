import type { FileHandle } from 'node:fs/promises'

/** Puts the next bytes into `target` from `at` on and says how many; 0 at the end of the input. */
export type ReadBytes = (target: Buffer, at: number) => Promise<number>

/**
 * Reads the bytes from `from` to `to` of an open file, a piece ahead: the next one is there when the reader is done with the one
 * before. With this and `WriteBehind` a whole load of 120 MB takes 1.17 s, without them 1.28 s.
 */
export function readFileRange(file: FileHandle, from: number, to: number): ReadBytes {
  let position = from
  let piece: Buffer | undefined
  let rest: Buffer = nothing
  let coming: Promise<Buffer> | undefined

  async function readPiece(): Promise<Buffer> {
    const wanted = Math.min(pieceBytes, to - position)
    if (wanted <= 0) return nothing
    piece ??= spare.pop() ?? Buffer.allocUnsafeSlow(pieceBytes)
    const { bytesRead } = await file.read(piece, 0, wanted, position)
    position += bytesRead
    return piece.subarray(0, bytesRead)
  }

  function readAhead(): void {
    if (position >= to) {
      if (piece !== undefined && spare.length < mostSpare) spare.push(piece)
      piece = undefined
      return
    }
    coming = readPiece()
    // The reader is told when it comes to it; until then nobody listens.
    coming.catch(() => {})
  }

  return async (target, at) => {
    if (rest.length === 0) {
      rest = await (coming ?? readPiece())
      coming = undefined
    }
    const count = rest.copy(target, at)
    rest = rest.subarray(count)
    if (coming === undefined && count > 0 && rest.length <= tailBytes) {
      // What fits no more into the target makes room for the piece that follows.
      rest = Buffer.from(rest)
      readAhead()
    }
    return count
  }
}

const nothing = Buffer.alloc(0)
/** As large as the blocks that are scanned. */
const pieceBytes = 1 << 19
/** A record that goes on in the next block is seldom longer. */
const tailBytes = 1 << 14

/** Pieces that nobody uses. */
const spare: Buffer[] = []
const mostSpare = 2

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

import { stat } from 'node:fs/promises'
import { ExpectedError } from '../errors.ts'
import { type ReadBytes, readFileRange } from './byte-readers.ts'
import { type DecodedInput, sampleBytes } from './decoded-input.ts'
import { chooseEncoding } from './encoding.ts'
import { refuseOtherKinds } from './file-kinds.ts'
import { type InputFile, unreadableInput } from './input-file.ts'

/**
 * A UTF-8 file, read where it is, up to the size that it had when it was opened. Gives `undefined` for a file in another
 * encoding and leaves it open; closes it when it throws. `name`: what messages call it.
 */
export async function readInPlace(
  path: string,
  name: string,
  { file, size, changedAt }: InputFile,
  toldEncoding: string | undefined,
): Promise<DecodedInput | undefined> {
  try {
    const stored = Buffer.allocUnsafe(Math.min(sampleBytes, size))
    const length = await readFully(readFileRange(file, 0, stored.length), stored)
    const start = stored.subarray(0, length)
    refuseOtherKinds(start, name)
    const encoding = chooseEncoding(start, toldEncoding, name)
    if (encoding.name !== 'utf-8') return undefined

    const skipped = encoding.bomBytes
    let furthest = 0
    return {
      name,
      kept: false,
      encoding,
      sample: start.subarray(skipped),
      complete: length === size,
      size,
      bytesRead: () => furthest,
      readOn: (from) => {
        const read = readFileRange(file, from + skipped, size)
        furthest = from + skipped
        return async (target, at) => {
          const count = await read(target, at)
          furthest += count
          return count
        }
      },
      readAgain: (from, to) => readFileRange(file, from + skipped, Math.min(to + skipped, size)),
      release: async () => {},
      flush: async () => {},
      changed: async () => {
        const now = await stat(path).catch(() => undefined)
        return now === undefined || now.size !== size || now.mtimeMs !== changedAt
      },
      close: () => file.close(),
    }
  } catch (error) {
    await file.close()
    throw error instanceof ExpectedError ? error : unreadableInput(name, error)
  }
}

async function readFully(read: ReadBytes, target: Buffer): Promise<number> {
  let length = 0
  while (length < target.length) {
    const count = await read(target, length)
    if (count === 0) break
    length += count
  }
  return length
}

import { type CsvInput, type DecodedInput, sampleBytes } from './decoded-input.ts'
import { openInputFile } from './input-file.ts'
import { readInPlace } from './read-in-place.ts'
import { readSpooled } from './read-spooled.ts'

/** Chooses between reading in place, which costs no disk and no copy, and spooling, which any input allows. */
export async function openDecodedInput({ path, stdin, spoolFolder, encoding }: CsvInput): Promise<DecodedInput> {
  if (path === undefined || path === '-') {
    return readSpooled({ name: 'stdin', chunks: stdin, size: undefined, packed: false, spoolFolder, encoding })
  }
  const input = await openInputFile(path)
  const packed = path.toLowerCase().endsWith('.gz')
  if (input.isRegular && !packed) {
    const inPlace = await readInPlace(path, input, encoding)
    if (inPlace !== undefined) return inPlace
  }
  const chunks = input.file.createReadStream({ highWaterMark: sampleBytes })
  const size = input.isRegular ? input.size : undefined
  return readSpooled({ name: path, chunks, size, packed, spoolFolder, encoding })
}

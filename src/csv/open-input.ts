import { constants, openSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import type { CsvInput, DecodedInput } from './decoded-input.ts'
import { openInputFile, unreadableInput } from './input-file.ts'
import { readInPlace } from './read-in-place.ts'
import { readSpooled } from './read-spooled.ts'
import type { SpoolPlace } from './spool.ts'

/** Four times the default for speed; larger chunks would pile up while they are decoded. */
const chunkBytes = 256 * 1024

/** Chooses between reading in place, which costs no disk and no copy, and spooling, which any input allows. */
export async function openDecodedInput({
  path,
  name = path,
  stdin,
  signal,
  spoolFolder,
  keepFolder,
  encoding,
}: CsvInput): Promise<DecodedInput> {
  const once: SpoolPlace = keepFolder === undefined ? { below: spoolFolder } : { kept: keepFolder }
  if (path === undefined || path === '-') {
    return readSpooled({ name: 'stdin', chunks: stdin, size: undefined, packed: false, place: once, encoding, signal })
  }
  const packed = path.toLowerCase().endsWith('.gz')
  const pipe = await openPipe(path, name ?? path)
  if (pipe) {
    return readSpooled({ name: name ?? path, chunks: pipe, size: undefined, packed, place: once, encoding, signal })
  }
  const input = await openInputFile(path, name)
  if (input.isRegular && !packed) {
    const inPlace = await readInPlace(path, name ?? path, input, encoding)
    if (inPlace !== undefined) return inPlace
  }
  const chunks = input.file.createReadStream({ highWaterMark: chunkBytes })
  const size = input.isRegular ? input.size : undefined
  const place: SpoolPlace = input.isRegular ? { below: spoolFolder } : once
  return readSpooled({ name: name ?? path, chunks, size, packed, place, encoding })
}

/**
 * A named pipe; undefined for anything else. The event loop waits for whoever writes to it: a thread that waits cannot be
 * stopped, and Ctrl-C would do nothing.
 */
async function openPipe(path: string, name: string): Promise<Readable | undefined> {
  const stats = await stat(path).catch(() => undefined)
  if (!stats?.isFIFO()) return undefined
  try {
    const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    return new Socket({ fd, readable: true, writable: false })
  } catch (error) {
    throw unreadableInput(name, error)
  }
}

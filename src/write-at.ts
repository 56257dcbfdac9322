import { writeSync } from 'node:fs'

/**
 * Writes all bytes to a place of an open file. One call may take fewer without an error, such as the last that a disk has room for;
 * the next call then says why.
 */
export function writeAt(descriptor: number, bytes: Uint8Array, place: number): void {
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, place + written)
  }
}

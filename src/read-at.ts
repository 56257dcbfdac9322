import { readSync } from 'node:fs'

/**
 * Fills all bytes from a place of an open temporary file. One call may give fewer without an error; a file that ends before has been
 * cut by somebody else.
 */
export function readAt(descriptor: number, bytes: Uint8Array, place: number): void {
  for (let read = 0; read < bytes.length; ) {
    const count = readSync(descriptor, bytes, read, bytes.length - read, place + read)
    if (count === 0) throw new Error('a temporary file lost its end')
    read += count
  }
}

import { closeSync, mkdirSync, mkdtempSync, openSync, readSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** Numbers that are held in memory: 1 MiB. Several parts wait at a time, and each has a log of its own. */
const heldNumbers = 1 << 18
const firstNumbers = 1 << 12

/**
 * Hashes of the keys of the rows that were sent, 8 bytes a row: the latest in memory, those before them in a temporary file, as far
 * as there is a place for one.
 */
export class KeyLog {
  /** Where the file may be made; undefined where none can be. */
  #folder: string | undefined
  #file: { readonly descriptor: number; readonly folder: string } | undefined
  #spooled = 0
  /** Held as well where there is no file. */
  readonly #full: Uint32Array[] = []
  #latest = new Uint32Array(firstNumbers)
  #used = 0

  constructor(folder: string | undefined) {
    this.#folder = folder
  }

  /** `keys`: the low and the high half of each hash. */
  add(keys: Uint32Array): void {
    for (let taken = 0; taken < keys.length; ) {
      if (this.#used === this.#latest.length) this.#makeRoom()
      const some = keys.subarray(taken, taken + this.#latest.length - this.#used)
      this.#latest.set(some, this.#used)
      this.#used += some.length
      taken += some.length
    }
  }

  /** Copies all of them; `target` has room for just so many. */
  copyTo(target: Uint32Array): void {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, this.#spooled * 4)
    for (let read = 0; read < bytes.length; ) {
      read += readSync(this.#file!.descriptor, bytes, read, bytes.length - read, read)
    }
    let at = this.#spooled
    for (const numbers of this.#full) {
      target.set(numbers, at)
      at += numbers.length
    }
    target.set(this.#latest.subarray(0, this.#used), at)
  }

  /** The log is not read any more. */
  close(): void {
    if (!this.#file) return
    closeSync(this.#file.descriptor)
    rmSync(this.#file.folder, { recursive: true, force: true })
    this.#file = undefined
  }

  #makeRoom(): void {
    if (this.#latest.length < heldNumbers) {
      const larger = new Uint32Array(this.#latest.length * 2)
      larger.set(this.#latest)
      this.#latest = larger
      return
    }
    if (!this.#spool()) {
      this.#full.push(this.#latest)
      this.#latest = new Uint32Array(heldNumbers)
    }
    this.#used = 0
  }

  /** Writes the numbers to the file; a disk that does not take them costs memory, and nothing else. */
  #spool(): boolean {
    if (this.#folder === undefined) return false
    try {
      this.#file ??= openFile(this.#folder)
      const bytes = new Uint8Array(this.#latest.buffer)
      for (let written = 0; written < bytes.length; ) {
        const place = this.#spooled * 4 + written
        written += writeSync(this.#file.descriptor, bytes, written, bytes.length - written, place)
      }
      this.#spooled += this.#latest.length
      return true
    } catch {
      this.#folder = undefined
      return false
    }
  }
}

function openFile(parent: string): { readonly descriptor: number; readonly folder: string } {
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  const folder = mkdtempSync(join(parent, 'keys-'))
  return { descriptor: openSync(join(folder, 'keys'), 'wx+', 0o600), folder }
}

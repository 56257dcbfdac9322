import { type PageFile, pageBytes } from './page-file.ts'

/** Hashes of the keys of the rows that were sent, 8 bytes a row: the latest in memory, those before them in pages. */
export class KeyLog {
  readonly #file: PageFile
  readonly #pages: number[] = []
  readonly #latest: Uint8Array<ArrayBuffer>
  readonly #numbers: Uint32Array
  #used = 0
  #isClosed = false

  constructor(file: PageFile) {
    this.#file = file
    this.#latest = file.lend()
    this.#numbers = new Uint32Array(this.#latest.buffer)
  }

  /** `keys`: the low and the high half of each hash. */
  add(keys: Uint32Array): void {
    for (let taken = 0; taken < keys.length; ) {
      if (this.#used === this.#numbers.length) {
        this.#pages.push(this.#file.add(this.#latest))
        this.#used = 0
      }
      const some = keys.subarray(taken, taken + this.#numbers.length - this.#used)
      this.#numbers.set(some, this.#used)
      this.#used += some.length
      taken += some.length
    }
  }

  /** Copies all of them; `target` has room for just so many. */
  copyTo(target: Uint32Array): void {
    const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength)
    for (const [place, page] of this.#pages.entries()) {
      this.#file.read(page, bytes.subarray(place * pageBytes, (place + 1) * pageBytes))
    }
    target.set(this.#numbers.subarray(0, this.#used), this.#pages.length * this.#numbers.length)
  }

  /** The log is not read any more. */
  close(): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#file.free(this.#pages)
    this.#file.takeBack(this.#latest)
  }
}

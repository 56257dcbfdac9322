import { closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readAt } from '../read-at.ts'
import { writeAt } from '../write-at.ts'

/** Bytes of a page. */
export const pageBytes = 1 << 16

/**
 * Pages outside of memory, for what is noted of the rows of all parts that wait for their answers: one temporary file for a
 * load, whatever the number of its parts, since pages that are free are used again. Where no file can be made, or the disk
 * takes no more, they are held in memory.
 */
export class PageFile {
  /** Where the file may be made; undefined where none can be. */
  #folder: string | undefined
  #file: { readonly descriptor: number; readonly folder: string } | undefined
  /** Pages that the file did not take. */
  readonly #held = new Map<number, Uint8Array>()
  readonly #free: number[] = []
  /** In memory, to be written on. */
  readonly #blank: Uint8Array<ArrayBuffer>[] = []
  #pages = 0

  constructor(folder: string | undefined) {
    this.#folder = folder
  }

  /** A page in memory; what stands on it is of no meaning. */
  lend(): Uint8Array<ArrayBuffer> {
    return this.#blank.pop() ?? new Uint8Array(pageBytes)
  }

  /** Nobody looks at the page any more. */
  takeBack(page: Uint8Array<ArrayBuffer>): void {
    this.#blank.push(page)
  }

  /** Keeps a copy of a page and gives the number by which it is read. */
  add(page: Uint8Array): number {
    const number = this.#free.pop() ?? this.#pages++
    if (!this.#write(number, page)) this.#held.set(number, page.slice())
    return number
  }

  /** Fills the target, which is no longer than the page. */
  read(number: number, target: Uint8Array): void {
    const held = this.#held.get(number)
    if (held !== undefined) {
      target.set(held.subarray(0, target.length))
      return
    }
    readAt(this.#file!.descriptor, target, number * pageBytes)
  }

  /** These pages are not read any more. */
  free(numbers: readonly number[]): void {
    for (const number of numbers) this.#held.delete(number)
    this.#free.push(...numbers)
  }

  /** No page is read any more. */
  close(): void {
    this.#held.clear()
    this.#blank.length = 0
    if (!this.#file) return
    closeSync(this.#file.descriptor)
    rmSync(this.#file.folder, { recursive: true, force: true })
    this.#file = undefined
  }

  /** Whether the file took the page; a disk that does not costs memory, and nothing else. */
  #write(number: number, page: Uint8Array): boolean {
    if (this.#folder === undefined) return false
    try {
      this.#file ??= openFile(this.#folder)
      writeAt(this.#file.descriptor, page, number * pageBytes)
      return true
    } catch {
      this.#folder = undefined
      return false
    }
  }
}

function openFile(parent: string): { readonly descriptor: number; readonly folder: string } {
  mkdirSync(parent, { recursive: true, mode: 0o700 })
  const folder = mkdtempSync(join(parent, 'rows-'))
  return { descriptor: openSync(join(folder, 'pages'), 'wx+', 0o600), folder }
}

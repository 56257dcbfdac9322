import { closeSync, mkdtempSync, openSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { readAt } from '../read-at.ts'
import { writeAt } from '../write-at.ts'

const memoryBytes = 16 << 20
/** Most rejects share a few texts, so those are kept once; a text with a name or number in it is seldom seen again. */
const mostShared = 4096

/**
 * Keeps many short texts in bounded memory: the first 16 MiB in memory, what goes beyond in a temporary file. A part in which
 * each of a million rows is rejected with a text of its own would otherwise take some 200 MB.
 */
export class TextStore {
  readonly #folder: string
  readonly #memory: Buffer[] = []
  readonly #starts: number[] = []
  readonly #shared = new Map<string, number>()
  #bytes = 0
  #file: { readonly descriptor: number; readonly folder: string } | undefined

  /** `folder`: where the temporary file may be made. */
  constructor(folder: string) {
    this.#folder = folder
  }

  /** Keeps a copy of the bytes and gives the number by which they are found again. */
  add(text: Buffer): number {
    const name = text.toString('latin1')
    const known = this.#shared.get(name)
    if (known !== undefined) return known
    const number = this.#starts.length
    this.#starts.push(this.#bytes)
    this.#keep(text)
    this.#bytes += text.length
    if (this.#shared.size < mostShared) this.#shared.set(name, number)
    return number
  }

  get(number: number): Buffer {
    const start = this.#starts[number]!
    const kept = this.#memory[number]
    if (kept) return kept
    const text = Buffer.allocUnsafe((this.#starts[number + 1] ?? this.#bytes) - start)
    readAt(this.#file!.descriptor, text, start)
    return text
  }

  close(): void {
    if (!this.#file) return
    closeSync(this.#file.descriptor)
    rmSync(this.#file.folder, { recursive: true, force: true })
    this.#file = undefined
  }

  #keep(text: Buffer): void {
    if (this.#bytes < memoryBytes) {
      this.#memory.push(Buffer.from(text))
      return
    }
    this.#file ??= this.#open()
    writeAt(this.#file.descriptor, text, this.#bytes)
  }

  #open(): { descriptor: number; folder: string } {
    const folder = mkdtempSync(join(this.#folder, 'texts-'))
    return { descriptor: openSync(join(folder, 'texts'), 'wx+', 0o600), folder }
  }
}

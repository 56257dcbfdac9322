import { type FileHandle, open, rename } from 'node:fs/promises'
import { quoteCell } from '../csv/cells.ts'
import { writeFailed } from '../load/write-bytes.ts'

/** A CSV that is written line by line, under a name of its own until it is complete. */
export class ListFile {
  readonly #path: string
  #handle: FileHandle | undefined
  #hasHeader = false

  constructor(path: string) {
    this.#path = path
  }

  async write(header: readonly string[], cells: readonly string[]): Promise<void> {
    try {
      const handle = await this.#open()
      await handle.appendFile(this.#hasHeader ? formatLine(cells) : `${formatLine(header)}${formatLine(cells)}`)
      this.#hasHeader = true
    } catch (error) {
      throw writeFailed(this.#path, error)
    }
  }

  /** Puts the file under its name and gives that. */
  async complete(): Promise<string> {
    await this.#open()
    await this.close()
    await rename(`${this.#path}.partial`, this.#path)
    return this.#path
  }

  async close(): Promise<void> {
    await this.#handle?.close()
    this.#handle = undefined
  }

  async #open(): Promise<FileHandle> {
    this.#handle ??= await open(`${this.#path}.partial`, 'wx')
    return this.#handle
  }
}

function formatLine(cells: readonly string[]): string {
  return `${cells.map((cell) => quoteCell(cell, ',')).join(',')}\n`
}

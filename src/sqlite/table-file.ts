import { closeSync, openSync } from 'node:fs'
import { writeAt } from '../write-at.ts'
import type { SqlValue } from './database.ts'
import { encodeRow, encodeVarint } from './encode-row.ts'

/** The largest that SQLite takes. As in assembly/pages.ts. */
const tablePageBytes = 65_536

/** A SQLite file with one table that is filled from its first row to its last, and then holds all of them or is no database. */
export interface TableFile {
  /** Rows so far. They are numbered from 1 on. */
  readonly rows: number
  /** Adds rows that are put into whole leaf pages already, with their numbers. */
  addPages(pages: Uint8Array): void
  /** Adds one row of any length. */
  addRow(values: readonly SqlValue[]): void
  finish(): void
  /** Gives the file up where it is. */
  abandon(): void
}

/**
 * Writes a table page by page, as https://sqlite.org/fileformat2.html describes it: leaves in the order of their rows, above
 * them pages that name them, the first page last. It is a tenth of the work of statements that insert row by row, most of
 * which is the way into SQLite and back.
 *
 * @param definition the statement that makes the table
 */
export function createTableFile(path: string, table: string, definition: string): TableFile {
  const file = openSync(path, 'w', 0o600)
  const leaves: Child[] = []
  let rows = 0
  // The first page belongs to the schema.
  let pages = 1

  function write(bytes: Uint8Array): number {
    if (pages + 1 === lockPage) pages += 1
    const first = pages + 1
    writeAt(file, bytes, pages * tablePageBytes)
    pages += bytes.length / tablePageBytes
    return first
  }

  function addLeaf(page: Buffer): void {
    rows += page.readUInt16BE(cellCountPlace)
    leaves.push({ page: write(page), lastRow: rows })
  }

  return {
    get rows() {
      return rows
    },
    addPages(bytes) {
      const whole = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
      const crosses = pages < lockPage && pages + bytes.length / tablePageBytes >= lockPage
      if (crosses) {
        for (let from = 0; from < bytes.length; from += tablePageBytes) {
          addLeaf(whole.subarray(from, from + tablePageBytes))
        }
        return
      }
      const first = write(whole)
      for (let index = 0; index * tablePageBytes < bytes.length; index++) {
        rows += whole.readUInt16BE(index * tablePageBytes + cellCountPlace)
        leaves.push({ page: first + index, lastRow: rows })
      }
    },
    addRow(values) {
      const { local, rest } = splitPayload(encodeRow(values))
      let next = 0
      // From the last page of the chain to the first, since each names the one after it.
      for (let end = rest.length; end > 0; ) {
        const from = Math.floor((end - 1) / overflowRoom) * overflowRoom
        const page = Buffer.alloc(tablePageBytes)
        page.writeUInt32BE(next, 0)
        rest.copy(page, 4, from, end)
        next = write(page)
        end = from
      }
      const pointer = Buffer.alloc(rest.length > 0 ? 4 : 0)
      if (rest.length > 0) pointer.writeUInt32BE(next, 0)
      const length = encodeVarint(local.length + rest.length)
      addLeaf(leafPage([Buffer.concat([length, encodeVarint(rows + 1), local, pointer])]))
    },
    finish() {
      try {
        if (leaves.length === 0) addLeaf(leafPage([]))
        const root = writeTree(leaves, write)
        const schema = encodeRow(['table', table, table, root, definition])
        const row = Buffer.concat([encodeVarint(schema.length), encodeVarint(1), schema])
        writeFirstPage(file, row, pages)
      } finally {
        closeSync(file)
      }
    },
    abandon: () => closeSync(file),
  }
}

/** A page of the tree and the number of the last row below it. */
interface Child {
  readonly page: number
  readonly lastRow: number
}

/** Pages above pages, up to a single one, whose number it returns. */
function writeTree(children: readonly Child[], write: (page: Buffer) => number): number {
  let level = children
  while (level.length > 1) {
    const count = Math.ceil(level.length / mostChildren)
    const above: Child[] = []
    for (let index = 0; index < count; index++) {
      // As many in each, so that none is left with a single child.
      const group = level.slice(
        Math.floor((index * level.length) / count),
        Math.floor(((index + 1) * level.length) / count),
      )
      above.push({ page: write(innerPage(group)), lastRow: group.at(-1)!.lastRow })
    }
    level = above
  }
  return level[0]!.page
}

/** Each child takes at most 15 bytes. */
const mostChildren = 4_000

function innerPage(children: readonly Child[]): Buffer {
  const cells = children.slice(0, -1).map(({ page, lastRow }) => {
    const pointer = Buffer.alloc(4)
    pointer.writeUInt32BE(page)
    return Buffer.concat([pointer, encodeVarint(lastRow)])
  })
  const page = Buffer.alloc(tablePageBytes)
  putCells(page, 0, 0x05, cells)
  page.writeUInt32BE(children.at(-1)!.page, 8)
  return page
}

function leafPage(cells: readonly Buffer[]): Buffer {
  const page = Buffer.alloc(tablePageBytes)
  putCells(page, 0, 0x0d, cells)
  return page
}

const cellCountPlace = 3

function putCells(page: Buffer, at: number, type: 0x05 | 0x0d, cells: readonly Buffer[]): void {
  let content = page.length
  let place = at + (type === 0x05 ? 12 : 8)
  for (const cell of cells) {
    content -= cell.length
    cell.copy(page, content)
    page.writeUInt16BE(content, place)
    place += 2
  }
  page.writeUInt8(type, at)
  page.writeUInt16BE(cells.length, at + cellCountPlace)
  // 65,536 is written as 0.
  page.writeUInt16BE(content % 65_536, at + 5)
}

function writeFirstPage(file: number, schemaRow: Buffer, pages: number): void {
  const page = Buffer.alloc(tablePageBytes)
  page.write('SQLite format 3\0', 0, 'latin1')
  // 65,536 is written as 1.
  page.writeUInt16BE(1, 16)
  // Versions of the format; fractions of a page, which are constants.
  page.set([1, 1, 0, 64, 32, 32], 18)
  const change = 1
  page.writeUInt32BE(change, 24)
  page.writeUInt32BE(pages, 28)
  page.writeUInt32BE(1, 40)
  page.writeUInt32BE(schemaFormat, 44)
  page.writeUInt32BE(utf8, 56)
  page.writeUInt32BE(change, 92)
  page.writeUInt32BE(sqliteVersion, 96)
  putCells(page, 100, 0x0d, [schemaRow])
  writeAt(file, page, 0)
}

const schemaFormat = 4
const utf8 = 1
/** Of the library that wrote a file last: 3.7.0 was the first that wrote the number of pages. */
const sqliteVersion = 3_007_000

/** The page in which the byte 2^30 lies belongs to the operating system's locks. */
const lockPage = 2 ** 30 / tablePageBytes + 1

const overflowRoom = tablePageBytes - 4
const longestLocal = tablePageBytes - 35
const leastLocal = Math.floor(((tablePageBytes - 12) * 32) / 255) - 23

/** What of a row lies in its leaf and what in pages of its own. */
function splitPayload(payload: Buffer): { readonly local: Buffer; readonly rest: Buffer } {
  if (payload.length <= longestLocal) return { local: payload, rest: Buffer.alloc(0) }
  const wanted = leastLocal + ((payload.length - leastLocal) % overflowRoom)
  const kept = wanted <= longestLocal ? wanted : leastLocal
  return { local: payload.subarray(0, kept), rest: payload.subarray(kept) }
}

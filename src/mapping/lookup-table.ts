import { cellText } from '../csv/cells.ts'
import type { CsvSource, RecordBlock } from '../csv/records.ts'
import { recordFault } from '../csv/records.ts'
import { UsageError } from '../errors.ts'
import { findNearest } from '../nearest.ts'

/** Texts that are found by another text. */
export interface LookupTable {
  /** For messages: the file as it was named, or the query. */
  readonly name: string
  /** The entry of a key in UTF-8, or -1. */
  find(bytes: Buffer, start: number, end: number): number
  /** Whether the table has the key of this entry again with another value. */
  isAmbiguous(entry: number): boolean
  /** The value of an entry; holds until the next call. */
  value(entry: number): { readonly bytes: Buffer; readonly start: number; readonly end: number }
}

export interface LookupColumns {
  /** Column whose text is looked for. */
  readonly match: string
  /** Column whose text is found. */
  readonly take: string
}

/**
 * Reads two columns of a CSV into a table of keys and values. Rows without a key or a value are left out; a key that comes again
 * with the same value is one entry, with another value it is ambiguous and the first one stands.
 *
 * Throws `UsageError` for a column that the file does not have and for a row that is no sound CSV or has a key or value of more
 * than 65,535 bytes. `name`: for messages.
 */
export async function readLookupTable(
  source: CsvSource,
  { match, take }: LookupColumns,
  name: string,
): Promise<LookupTable> {
  const [key, value] = [match, take].map((column) => findColumn(source.header, column, name))
  const entries = new Entries()
  for await (const block of source.records()) {
    for (let record = 0; record < block.count; record++) {
      if (block.fault[record] !== recordFault.none) throw unsound(block, record, name)
      const first = block.firstCell[record]!
      if (!entries.add(block, first + key!, first + value!)) throw tooLong(block, record, name)
    }
    await source.release({
      offset: block.offset + block.recordEnd[block.count - 1]!,
      line: block.line[block.count - 1]!,
    })
  }
  return new IndexedEntries(entries, name)
}

const slabBits = 24
const slabBytes = 1 << slabBits
const chunkBits = 18
const chunkEntries = 1 << chunkBits
/** Lengths take two bytes. */
const mostCellBytes = 0xffff
const quote = 0x22

/**
 * Keys and values one after the other in slabs of 16 MiB, with 8 bytes of index an entry: nothing is copied when it grows. A Map of
 * 5 million strings takes more than a gigabyte; this takes the bytes of the texts and 19 for each entry.
 */
class Entries {
  size = 0
  readonly #slabs: Buffer[] = []
  readonly #places: Uint32Array[] = []
  readonly #hashes: Uint32Array[] = []
  #free = slabBytes

  /** Adds the texts of two cells, unless one of them is empty. False: one is too long. */
  add(block: RecordBlock, key: number, value: number): boolean {
    const keyBytes = cellBytes(block, key)
    const valueBytes = cellBytes(block, value)
    if (keyBytes.length === 0 || valueBytes.length === 0) return true
    if (keyBytes.length > mostCellBytes || valueBytes.length > mostCellBytes) return false
    const bytes = 4 + keyBytes.length + valueBytes.length
    if (this.#free + bytes > slabBytes) {
      this.#slabs.push(Buffer.allocUnsafeSlow(slabBytes))
      this.#free = 0
    }
    const slab = this.#slabs.at(-1)!
    const at = this.#free
    slab.writeUInt16LE(keyBytes.length, at)
    slab.writeUInt16LE(valueBytes.length, at + 2)
    keyBytes.copy(slab, at + 4)
    valueBytes.copy(slab, at + 4 + keyBytes.length)
    this.#free += bytes
    const chunk = this.size >>> chunkBits
    this.#places[chunk] ??= new Uint32Array(chunkEntries)
    this.#hashes[chunk] ??= new Uint32Array(chunkEntries)
    const place = (this.#slabs.length - 1) * slabBytes + at
    if (place > 0xffffffff) throw tooLarge()
    this.#places[chunk]![this.size & (chunkEntries - 1)] = place
    this.#hashes[chunk]![this.size & (chunkEntries - 1)] = hashOf(keyBytes, 0, keyBytes.length)
    this.size++
    return true
  }

  hash(entry: number): number {
    return this.#hashes[entry >>> chunkBits]![entry & (chunkEntries - 1)]!
  }

  /** Where an entry's texts stand. */
  slab(entry: number): Buffer {
    return this.#slabs[this.#place(entry) >>> slabBits]!
  }

  /** Place in the slab of the entry's key; the lengths of key and value stand before it. */
  keyStart(entry: number): number {
    return (this.#place(entry) & (slabBytes - 1)) + 4
  }

  #place(entry: number): number {
    return this.#places[entry >>> chunkBits]![entry & (chunkEntries - 1)]!
  }
}

/** Open addressing over the entries, made when their number is known; a hash that fits is verified by the key's bytes. */
class IndexedEntries implements LookupTable {
  readonly name: string
  readonly #entries: Entries
  readonly #slots: Uint32Array
  readonly #mask: number
  readonly #ambiguous: Uint8Array
  readonly #found: { bytes: Buffer; start: number; end: number } = { bytes: Buffer.alloc(0), start: 0, end: 0 }

  constructor(entries: Entries, name: string) {
    this.name = name
    this.#entries = entries
    const slots = 2 ** Math.ceil(Math.log2(Math.max(16, entries.size * 1.5)))
    this.#slots = new Uint32Array(slots)
    this.#mask = slots - 1
    this.#ambiguous = new Uint8Array((entries.size >>> 3) + 1)
    for (let entry = 0; entry < entries.size; entry++) this.#insert(entry)
  }

  find(bytes: Buffer, start: number, end: number): number {
    return this.#slots[this.#seek(bytes, start, end, hashOf(bytes, start, end))]! - 1
  }

  isAmbiguous(entry: number): boolean {
    return (this.#ambiguous[entry >>> 3]! & (1 << (entry & 7))) !== 0
  }

  value(entry: number): { readonly bytes: Buffer; readonly start: number; readonly end: number } {
    const found = this.#found
    found.bytes = this.#entries.slab(entry)
    const key = this.#entries.keyStart(entry)
    found.start = key + found.bytes.readUInt16LE(key - 4)
    found.end = found.start + found.bytes.readUInt16LE(key - 2)
    return found
  }

  #insert(entry: number): void {
    const slab = this.#entries.slab(entry)
    const start = this.#entries.keyStart(entry)
    const slot = this.#seek(slab, start, start + slab.readUInt16LE(start - 4), this.#entries.hash(entry))
    const known = this.#slots[slot]! - 1
    if (known < 0) this.#slots[slot] = entry + 1
    else if (!this.#haveSameValue(known, entry)) this.#ambiguous[known >>> 3]! |= 1 << (known & 7)
  }

  #haveSameValue(one: number, other: number): boolean {
    const { bytes, start, end } = this.value(one)
    const found = this.value(other)
    return bytes.compare(found.bytes, found.start, found.end, start, end) === 0
  }

  /** The slot that holds the key, or the free one where it belongs. */
  #seek(bytes: Buffer, start: number, end: number, hash: number): number {
    let slot = hash & this.#mask
    for (let known = this.#slots[slot]!; known > 0; known = this.#slots[slot]!) {
      const entry = known - 1
      if (this.#entries.hash(entry) === hash && this.#hasKey(entry, bytes, start, end)) return slot
      slot = (slot + 1) & this.#mask
    }
    return slot
  }

  #hasKey(entry: number, bytes: Buffer, start: number, end: number): boolean {
    const slab = this.#entries.slab(entry)
    const key = this.#entries.keyStart(entry)
    const length = end - start
    if (slab.readUInt16LE(key - 4) !== length) return false
    for (let i = 0; i < length; i++) if (slab[key + i] !== bytes[start + i]) return false
    return true
  }
}

/** FNV-1a with a last stir, since the slots are its lowest bits. */
function hashOf(bytes: Buffer, start: number, end: number): number {
  let hash = 0x811c9dc5
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ bytes[i]!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  return (hash ^ (hash >>> 13)) >>> 0
}

/** A cell's text; a view of the block where nothing must be changed. */
function cellBytes(block: RecordBlock, k: number): Buffer {
  const { bytes, cellStart, cellEnd } = block
  const start = cellStart[k]!
  const end = cellEnd[k]!
  if (end - start < 2 || bytes[start] !== quote) return bytes.subarray(start, end)
  const inner = bytes.subarray(start + 1, end - 1)
  return inner.includes(quote) ? Buffer.from(cellText(block, k)) : inner
}

function findColumn(header: readonly string[], wanted: string, name: string): number {
  const exact = header.indexOf(wanted)
  const found = exact >= 0 ? exact : header.findIndex((column) => column.toLowerCase() === wanted.toLowerCase())
  if (found >= 0) return found
  const near = findNearest(wanted, header)
  throw new UsageError(
    `${name} has no column "${wanted}"${near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''}`,
    { code: 'UNKNOWN_COLUMN', hint: `its columns are ${header.join(', ')}` },
  )
}

function unsound(block: RecordBlock, record: number, name: string): UsageError {
  return new UsageError(`${name}:${block.line[record]}: this row is no sound CSV: ${describeFault(block, record)}`, {
    code: 'BAD_CSV',
    hint: 'a lookup must be sound from end to end: correct that line',
  })
}

function describeFault({ fault, firstCell }: RecordBlock, record: number): string {
  switch (fault[record]) {
    case recordFault.quote:
      return 'a quote is opened and not closed before the cell ends'
    case recordFault.encoding:
      return 'it holds bytes that are no characters; save the file as UTF-8'
    case recordFault.length:
      return 'it is longer than 400,000 characters'
    default:
      return `its number of cells, ${firstCell[record + 1]! - firstCell[record]!}, is not that of the header`
  }
}

function tooLong({ line }: RecordBlock, record: number, name: string): UsageError {
  return new UsageError(`${name}:${line[record]}: a key or value of a lookup has at most 65,535 bytes`, {
    code: 'LOOKUP_TOO_LARGE',
    hint: 'take that row out of the file, or fill the field from a column of the input',
  })
}

function tooLarge(): UsageError {
  return new UsageError('a lookup may have 4 GB of keys and values', {
    code: 'LOOKUP_TOO_LARGE',
    hint: 'take the columns that are needed into a file of their own',
  })
}

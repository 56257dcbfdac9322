import xxhash from 'xxhash-wasm'
import type { RecordBlock } from '../csv/records.ts'
import type { CompiledMapping, SentColumn } from '../mapping/compile.ts'
import { serviceNull } from '../service-null.ts'
import { type HashRecords, hashInBatches, hashOneByOne } from './batch-keys.ts'
import { ByteWriter } from './byte-writer.ts'
import { type Comparison, comparisonOf, writeCanonical, writeCanonicalText } from './canonical-cell.ts'
import type { CellPlace } from './cell-place.ts'
import type { ComputedCells } from './computed-cells.ts'
import type { NullPolicy, RowEncoder } from './encode-row.ts'
import { holds, nullTest } from './null-cell.ts'

/**
 * Makes the hash that a row of the input and its echo from the service have in common.
 *
 * 64 bits of xxHash: among a million rows of a part the chance of two different ones with the same hash is 3 in 10^8, and
 * then both count as alike, whose contents are compared with a second seed. Measured on records of about 180 bytes:
 * xxhash-wasm 191 ns, node:crypto md5 585 ns, a Map of strings 35 times slower to build than the typed tables used here.
 */
export interface RowKeys {
  /** Indexes of the sent columns that a row is known by: its key column, or all of them for an insert. */
  readonly columns: readonly number[]
  /** Hash of what these columns hold. */
  key(block: RecordBlock, record: number): HashPair
  /** The same for many records. */
  readonly keysOf: HashRecords
  /** Hash of everything that is sent, with a seed of its own: tells rows apart that have the same key. */
  content(block: RecordBlock, record: number): ContentHash
}

/** Keys of the rows of the input. */
export interface SourceKeys extends RowKeys {
  /** The same for rows that are known by other columns. */
  by(columns: readonly number[]): RowKeys
  /** The same for answers that may lack the white space around a value. */
  readonly trimmed: RowKeys
}

/** The halves of a 64-bit hash. The object is reused: read it before the next call. */
export interface HashPair {
  low: number
  high: number
}

/** Hash of a content, for which an empty cell and `#N/A` are the same; and white space around a value is none where it is trimmed. */
export interface ContentHash extends HashPair {
  /**
   * Says which cells hold `#N/A`, of those where an empty one would get the field's default value, and what white space was trimmed.
   * The rest being the same, rows that differ in it may make different records.
   */
  spelling: number
}

const fieldSeparator = 0x1f
const contentSeed = 0x5f3759dfn
const nothing: CellPlace = { index: -1, comparison: 'text' }

/**
 * Keys of the rows of the input, with the meaning that the null policy gives their cells. `cells`: the values that are made of
 * cells, as they are sent; needed where the mapping has any. `foldsCase`: letters are the same in either case. `blanks`: columns of
 * a row that are sent empty.
 */
export async function sourceKeys(
  mapping: CompiledMapping,
  nulls: NullPolicy,
  cells: ComputedCells | undefined,
  foldsCase = false,
  blanks?: RowEncoder['blanks'],
): Promise<SourceKeys> {
  const places = mapping.columns.map(({ from, target }, column): CellPlace => {
    const comparison = comparisonOf(target.type)
    if (typeof from === 'number') return { index: from, comparison }
    if ('computed' in from) return { cells: cells!, column, comparison }
    return { constant: Buffer.from(canonicalConstant(from.constant, comparison)) }
  })
  const nullMarker = nulls.nullValue === serviceNull ? undefined : Buffer.from(nulls.nullValue)
  const defaulted = defaultedColumns(mapping)
  const { emptyAsNull } = nulls
  const by = makeKeys(await openHash(), places, {
    nullMarker,
    neverNull: mapping.key,
    foldsCase,
    blanks,
    defaulted,
    emptyAsNull,
  })
  const columns = keyColumns(mapping)
  return { ...by(columns), by, trimmed: by(columns, true) }
}

/**
 * Keys of the records of a result file, whose columns may come in any order; or the columns that it lacks. `columns`: those that
 * the rows are known by. Default: as for the input. `trims`: to be compared with trimmed keys of the input.
 */
export async function resultKeys(
  mapping: CompiledMapping,
  header: readonly string[],
  columns: readonly number[] = keyColumns(mapping),
  trims = false,
): Promise<RowKeys | { readonly missing: readonly string[] }> {
  const names = header.map((name) => name.toLowerCase())
  const place = ({ target }: SentColumn): CellPlace & { readonly index: number } => ({
    index: names.indexOf(target.name.toLowerCase()),
    comparison: comparisonOf(target.type),
  })
  const places = mapping.columns.map(place)
  const needed = columns.map((column) => mapping.columns[column]!)
  const missing = needed.filter((column) => place(column).index < 0).map(({ target }) => target.name)
  return missing.length > 0
    ? { missing }
    : makeKeys(await openHash(), places, { defaulted: defaultedColumns(mapping) })(columns, trims)
}

function keyColumns({ key, columns }: CompiledMapping): readonly number[] {
  return key === undefined ? [...columns.keys()] : [key]
}

/**
 * Indexes of the columns of an insert in which an empty cell and `#N/A` make different records. What has a key changes the
 * record of that key, whichever of its rows is which.
 */
function defaultedColumns({ key, columns }: CompiledMapping): readonly number[] {
  if (key !== undefined) return []
  return [...columns.keys()].filter((column) => columns[column]!.target.field.defaultedOnCreate)
}

/** Hash of all bytes of a row of the input, the columns that are not sent included. */
export async function wholeRowHash(): Promise<(block: RecordBlock, record: number) => HashPair> {
  const hash = await openHash()
  return (block, record) => hash(block.bytes.subarray(block.recordStart[record]!, block.recordEnd[record]!), 0n)
}

/** A hash function with a result object of its own. */
async function openHash(): Promise<(bytes: Uint8Array, seed: bigint) => HashPair> {
  const { h64Raw } = await xxhash()
  const words = new Uint32Array(2)
  const whole = new BigUint64Array(words.buffer)
  const pair: HashPair = { low: 0, high: 0 }
  return (bytes, seed) => {
    whole[0] = h64Raw(bytes, seed)
    pair.low = words[0]!
    pair.high = words[1]!
    return pair
  }
}

interface KeyRules {
  readonly nullMarker?: Buffer | undefined
  /** Index of the column whose cells are sent as they stand, even if they say what stands for null. */
  readonly neverNull?: number | undefined
  readonly foldsCase?: boolean
  readonly blanks?: RowEncoder['blanks'] | undefined
  /** Indexes of the columns whose nulls are told from empty cells. */
  readonly defaulted: readonly number[]
  /** Whether an empty cell of a column is sent as null. */
  readonly emptyAsNull?: boolean
}

/** Gives the keys of rows that are known by some of these columns; `trims`: without white space around the values. */
function makeKeys(
  hashBytes: (bytes: Uint8Array, seed: bigint) => HashPair,
  places: readonly CellPlace[],
  { nullMarker, neverNull, foldsCase = false, blanks, defaulted, emptyAsNull = false }: KeyRules,
): (columns: readonly number[], trims?: boolean) => RowKeys {
  const out = new ByteWriter(4096)
  const keyPlace = neverNull === undefined ? undefined : places[neverNull]
  const markerOf = (place: CellPlace) => (place === keyPlace ? undefined : nullMarker)
  const found: ContentHash = { low: 0, high: 0, spelling: 0 }
  const isNull = nullTest({ nullMarker, emptyAsNull })
  const nullsIn = (block: RecordBlock, record: number, sent: readonly CellPlace[]): number =>
    defaulted.reduce((sum, column) => (isNull(block, record, sent[column]!) ? mix(sum, column) : sum), 0)
  const hash = (
    block: RecordBlock,
    record: number,
    of: readonly CellPlace[],
    seed: bigint,
    trims = false,
  ): HashPair => {
    out.length = 0
    for (const place of of) writePlace(block, record, place, markerOf(place), out, trims)
    if (foldsCase) foldCase(out)
    return hashBytes(out.view(), seed)
  }
  const contentOf = (block: RecordBlock, record: number, trims: boolean): ContentHash => {
    const empty = blanks?.(block, record)
    const sent = empty ? places.map((place, column) => (empty.has(column) ? nothing : place)) : places
    const nulls = nullsIn(block, record, sent)
    const untrimmed = trims ? hash(block, record, sent, contentSeed).low : 0
    const { low, high } = hash(block, record, sent, contentSeed, trims)
    found.low = low
    found.high = high
    found.spelling = nulls ^ untrimmed
    return found
  }
  return (columns, trims = false) => {
    const keyPlaces = columns.map((column) => places[column]!)
    const key: RowKeys['key'] = (block, record) => hash(block, record, keyPlaces, 0n, trims)
    // The kernel has one marker for all columns: a key column stands alone.
    const marker = columns.includes(neverNull ?? -1) ? undefined : nullMarker
    const keysOf = foldsCase || trims ? hashOneByOne(key) : hashInBatches(keyPlaces, marker, key)
    return { columns, key, keysOf, content: (block, record) => contentOf(block, record, trims) }
  }
}

/** Takes the index of a column into a number that says which columns there were. */
function mix(sum: number, column: number): number {
  return Math.imul(sum ^ (column + 1), 0x9e3779b1) || 1
}

/** Small letters for the capitals A to Z. */
function foldCase({ bytes, length }: ByteWriter): void {
  for (let i = 0; i < length; i++) if (bytes[i]! >= 0x41 && bytes[i]! <= 0x5a) bytes[i]! += 0x20
}

function writePlace(
  block: RecordBlock,
  record: number,
  place: CellPlace,
  nullMarker: Buffer | undefined,
  out: ByteWriter,
  trims: boolean,
): void {
  const start = out.length
  if ('constant' in place) {
    out.reserve(place.constant.length + 1)
    out.copy(place.constant, 0, place.constant.length)
  } else if ('cells' in place) {
    place.cells.evaluate(block, record)
    const { bytes, start, end } = place.cells.value(place.column)
    writeCanonicalText(bytes, start, end, place.comparison, out)
  } else if (place.index >= 0) {
    const cell = block.firstCell[record]! + place.index
    if (!nullMarker || !holds(block, cell, nullMarker)) writeCanonical(block, cell, place.comparison, out)
  }
  if (trims) trimFrom(start, out)
  out.reserve(1)
  out.byte(fieldSeparator)
}

/** Takes white space, as Unicode knows it, off the ends of what was written from `start` on. */
function trimFrom(start: number, out: ByteWriter): void {
  const { bytes, length } = out
  if (start === length || !(mayBeSpace(bytes[start]!) || mayBeSpace(bytes[length - 1]!))) return
  const text = bytes.toString('utf8', start, length)
  const first = start + Buffer.byteLength(text.slice(0, text.length - text.trimStart().length))
  const end = length - Buffer.byteLength(text.slice(text.trimEnd().length))
  bytes.copyWithin(start, first, end)
  out.length = start + Math.max(0, end - first)
}

/** Whether white space may begin or end with this byte: a control character, a blank or a part of a longer character. */
function mayBeSpace(byte: number): boolean {
  return byte <= 0x20 || byte >= 0x80
}

function canonicalConstant(text: string, comparison: Comparison): string {
  const bytes = Buffer.from(`"${text.replaceAll('"', '""')}"`)
  const out = new ByteWriter(64)
  writeCanonical(oneCell(bytes), 0, comparison, out)
  return out.view().toString('utf8')
}

/** A block of one record with one cell. */
function oneCell(bytes: Buffer): RecordBlock {
  const zero = Int32Array.of(0)
  const end = Int32Array.of(bytes.length)
  return {
    bytes,
    count: 1,
    firstCell: Int32Array.of(0, 1),
    cellStart: zero,
    cellEnd: end,
    recordStart: zero,
    recordEnd: end,
    line: Float64Array.of(1),
    fault: Uint8Array.of(0),
    traits: Uint8Array.of(0),
    offset: 0,
  }
}

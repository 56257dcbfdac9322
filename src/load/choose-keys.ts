import type { RecordTable } from '../csv/record-table.ts'
import { recordFault } from '../csv/records.ts'
import type { CompiledMapping, SentColumn } from '../mapping/compile.ts'
import { comparisonOf } from './canonical-cell.ts'
import type { CutHooks } from './cutter.ts'
import type { RowKeys, SourceKeys } from './row-keys.ts'

/** Rows of a part that are looked at. */
const sampleRows = 500

/** Columns that are taken in addition, since rows that follow may be alike where the first ones differ. */
const spareColumns = 2

/**
 * Says by which columns rows are known: by their key column, or by some of the columns of an insert, chosen for each part from its
 * first rows: the fewest that tell as many of these apart as all columns do, and some more unless the org holds the values
 * of one to be unique.
 *
 * Rows that differ in these columns are different ones, so any choice is right. A good one spares the hashing of whole rows;
 * what it does not tell apart is told apart by all columns.
 */
export function chooseKeys({ key, columns }: CompiledMapping, keys: SourceKeys): CutHooks['keysFrom'] {
  return key === undefined ? (block, first) => choose(keys, columns, block, first) : () => keys
}

function choose(keys: SourceKeys, columns: readonly SentColumn[], block: RecordTable, first: number): RowKeys {
  const records = soundRecords(block, first)
  const all = hashes(keys, block, records)
  const wanted = new Set(all).size
  const candidates = columns.flatMap(({ from, target }, column): Candidate[] => {
    if (typeof from === 'object' && 'constant' in from) return []
    const of = hashes(keys.by([column]), block, records)
    const values = new Set(of).size
    const isUnique = target.field.unique && !target.isParent && values === wanted
    return [{ column, hashes: of, values, isUnique, cost: costOf(from, target.type) }]
  })
  const chosen = takeColumns(candidates.sort(inOrder), wanted)
  return chosen.length === 0 || chosen.length === columns.length ? keys : keys.by(chosen)
}

interface Candidate {
  readonly column: number
  /** By record that is looked at. */
  readonly hashes: readonly number[]
  /** How many different values it has. */
  readonly values: number
  /** Whether the org holds it to be unique, and it is so far. */
  readonly isUnique: boolean
  readonly cost: number
}

function takeColumns(candidates: readonly Candidate[], wanted: number): readonly number[] {
  const chosen: number[] = []
  let told = 0
  let pairs: readonly number[] = []
  let spare = spareColumns
  for (const { column, hashes: of, values, isUnique } of candidates) {
    if (told < wanted) {
      const more = pairs.length === 0 ? of : of.map((hash, place) => combine(pairs[place]!, hash))
      const count = new Set(more).size
      if (count <= told) continue
      pairs = more
      told = count
      if (isUnique) spare = 0
    } else {
      if (spare === 0) break
      if (2 * values <= wanted) continue
      spare--
    }
    chosen.push(column)
  }
  return chosen.sort((one, other) => one - other)
}

/** Columns that the org holds to be unique come first, then those that are cheap to compare, and of these the most telling. */
function inOrder(one: Candidate, other: Candidate): number {
  return (
    Number(other.isUnique) - Number(one.isUnique) ||
    one.cost - other.cost ||
    other.values - one.values ||
    one.column - other.column
  )
}

/** Short text is compared as it stands; numbers and dates are spelt anew, times not by the kernel. Rare types are taken last. */
function costOf(from: SentColumn['from'], type: string): number {
  if (typeof from === 'object') return 2
  const comparison = comparisonOf(type)
  if (comparison === 'text') return shortTexts.has(type) ? 0 : type === 'textarea' ? 1 : 4
  if (comparison === 'time' || comparison === 'set') return 4
  return comparison === 'datetime' ? 3 : 1
}

const shortTexts: ReadonlySet<string> = new Set(['string', 'email', 'phone', 'url', 'picklist', 'combobox'])

function soundRecords({ count, fault }: RecordTable, first: number): readonly number[] {
  const records: number[] = []
  for (let record = first; record < count && records.length < sampleRows; record++) {
    if (fault[record] === recordFault.none) records.push(record)
  }
  return records
}

/** 32 bits of each hash, which is enough to count some hundred of them. */
function hashes(keys: RowKeys, block: RecordTable, records: readonly number[]): readonly number[] {
  const first = records[0] ?? 0
  const of = keys.keysOf(block, first, (records.at(-1) ?? -1) + 1)
  return records.map((record) => of[2 * (record - first)]!)
}

function combine(one: number, other: number): number {
  return (Math.imul(one, 0x9e3779b1) ^ other) >>> 0
}

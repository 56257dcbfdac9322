import type { RecordTable } from '../csv/record-table.ts'
import type { CsvSource } from '../csv/records.ts'
import type { RowEncoder } from './encode-row.ts'
import type { LentMemory } from './lent-memory.ts'
import type { Part } from './part.ts'
import { type AlikeRows, RowGroups } from './row-groups.ts'
import { type RowKeys, type SourceKeys, wholeRowHash } from './row-keys.ts'
import type { RowMemory } from './row-memory.ts'

export interface BuildOptions {
  /** The keys that were noted of the part's rows are not used. */
  readonly without?: boolean | undefined
  /** Rows are known by their whole keys, and white space around a value is none. */
  readonly trims?: boolean | undefined
}

/**
 * Finds the sent row that an answer belongs to.
 *
 * A row is known by its key: its Id, its external ID, or some of what was sent for an insert. Rows that share a key are told apart
 * by their whole content. Rows that are the same in that, too, are alike for the service and for us: their answers are
 * handed out in file order, and `alike` says where that was so, since it matters when the answers differ. `#N/A` and an empty cell
 * count as the same, but where the latter gets a default value each goes to its own answers, if these tell; so does white space around a
 * value, in a table that `trims`.
 */
export class JoinTable {
  /** Of the rows of the part: their keys, and what becomes known of them. */
  readonly memory: RowMemory
  /** Indexes of the sent columns that make the keys. */
  readonly columns: readonly number[]
  /** Whether these are fewer than identify a row by rights, which was a guess that the answers must bear out. */
  readonly isNarrow: boolean
  /** Whether white space around a value is none. */
  readonly trims: boolean
  #groups: RowGroups | undefined

  private constructor(rows: number, columns: readonly number[], kind: TableKind, { rows: memory }: LentMemory) {
    this.memory = memory.begin(rows)
    this.memory.kernel.clearKeys()
    this.columns = columns
    this.isNarrow = kind.isNarrow
    this.trims = kind.trims
  }

  /**
   * Takes the keys that were noted of the part, unless they are narrow and too many rows share one, or the caller does `without` them;
   * else it reads the part. Reads it once more when some of its rows share a key. `keys`: what identifies a row by rights.
   */
  static async build(
    source: CsvSource,
    part: Part,
    encoder: RowEncoder,
    sourceKeys: SourceKeys,
    memory: LentMemory,
    { without = false, trims = false }: BuildOptions = {},
  ): Promise<JoinTable> {
    const keys = trims ? sourceKeys.trimmed : sourceKeys
    const noted = without || trims ? undefined : part.keys
    const isNarrow = noted !== undefined && noted.of.columns.length < keys.columns.length
    const table = new JoinTable(part.sent, noted?.of.columns ?? keys.columns, { isNarrow, trims }, memory)
    const rows = table.memory
    if (noted) noted.log.copyTo(rows.keys)
    else {
      await forEachBlock(source, part, encoder, (block, sent, row) => {
        const hashes = keys.keysOf(block, 0, block.count)
        if (sent === undefined) rows.keys.set(hashes, 2 * row)
        else
          for (const [at, record] of sent.entries())
            rows.keys.set(hashes.subarray(2 * record, 2 * record + 2), 2 * (row + at))
      })
    }
    const sharing = rows.kernel.indexRows(part.sent)
    if (isNarrow && sharing > part.sent * mostSharing) {
      return await JoinTable.build(source, part, encoder, sourceKeys, memory, { without: true })
    }
    if (sharing > 0) {
      const groups = new RowGroups(part.sent, sharing, memory)
      const whole = await wholeRowHash()
      await forEachBlock(source, part, encoder, (block, sent, firstRow) => {
        const count = sent?.length ?? block.count
        for (let at = 0; at < count; at++) {
          const record = sent === undefined ? at : sent[at]!
          const row = firstRow + at
          if ((rows.flags[row]! & sharedKey) !== 0) groups.add(row, keys.content(block, record), whole(block, record))
        }
      })
      table.#groups = groups
    }
    return table
  }

  /**
   * The rows that these answers are for, from `first` on and `answersAtOnce` at most: -1 where no row that was sent, or
   * none without an answer, fits. The array is reused.
   */
  match(keys: RowKeys, block: RecordTable, first: number, end: number): Int32Array {
    const { kernel, answers, flags } = this.memory
    answers.hashes.set(keys.keysOf(block, first, end))
    kernel.matchRows(end - first)
    const rows = answers.rows.subarray(0, end - first)
    for (let answer = 0; this.#groups && answer < rows.length; answer++) {
      if (rows[answer] !== isShared) continue
      const row = this.#groups.take(keys.content(block, first + answer))
      const isFree = row >= 0 && (flags[row]! & answered) === 0
      if (isFree) flags[row]! |= answered
      rows[answer] = isFree ? row : -1
    }
    return rows
  }

  /** The first of the rows that fit an answer which was left over, since each of them has got another one; -1 where none fits. */
  findAnswered(keys: RowKeys, block: RecordTable, record: number): number {
    const { low, high } = keys.key(block, record)
    const row = this.memory.kernel.findRow(low, high)
    const isShared = row >= 0 && (this.memory.flags[row]! & sharedKey) !== 0
    return isShared && this.#groups ? this.#groups.find(keys.content(block, record)) : row
  }

  /** A row and those behind it that are alike in all that was sent. */
  listAlike(row: number): readonly number[] {
    const isShared = (this.memory.flags[row]! & sharedKey) !== 0
    return isShared && this.#groups ? this.#groups.listFrom(row) : [row]
  }

  /** Groups of rows that are alike in all that was sent, as far as the answers told, but not in the rest of the input's columns. */
  *alike(): Generator<AlikeRows> {
    if (this.#groups) yield* this.#groups.alike((row) => (this.memory.flags[row]! & answered) !== 0)
  }
}

type TableKind = Pick<JoinTable, 'isNarrow' | 'trims'>

/** Each row that shares its key is read and hashed by itself, which costs some times what hashing many at a time does. */
const mostSharing = 1 / 8

/** By row: `sharedKey` when others have its key, `answered` when it has got its answer. As in assembly/join.ts. */
const sharedKey = 1
const answered = 2
/** In the place of a row: which of several rows with this key it is must be told by their contents. */
const isShared = -2

/**
 * Visits the blocks of a part in order; `sent`: its records that were sent, undefined when all were; `row`: number of the
 * first of them.
 */
async function forEachBlock(
  source: CsvSource,
  part: Part,
  encoder: RowEncoder,
  visit: (block: RecordTable, sent: readonly number[] | undefined, row: number) => void,
): Promise<void> {
  let row = 0
  for await (const block of source.reread(part.from, part.to)) {
    const sent: number[] = []
    for (let record = 0; record < block.count; record++) {
      const passing = encoder.countPassing(block, record)
      for (const end = record + passing; record < end; record++) sent.push(record)
      if (record < block.count && encoder.hold(block, record) === undefined) sent.push(record)
    }
    if (row + sent.length > part.sent) throw new SourceChanged(source.name)
    visit(block, sent.length === block.count ? undefined : sent, row)
    row += sent.length
  }
  if (row !== part.sent) throw new SourceChanged(source.name)
}

/** The input gave other rows when it was read again. */
export class SourceChanged extends Error {
  constructor(name: string) {
    super(`${name} changed while it was being loaded`)
    this.name = 'SourceChanged'
  }
}

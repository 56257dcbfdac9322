import { readBuffer } from '../csv/byte-readers.ts'
import { cellText } from '../csv/cells.ts'
import { scanRecords } from '../csv/scan.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import type { RowCause } from '../org/retry-table.ts'
import { ByteWriter } from './byte-writer.ts'
import { pieceBytes } from './cutter.ts'
import type { Part } from './part.ts'
import type { LoadPlan } from './plan.ts'
import { openRowNames } from './row-names.ts'
import type { PartLimits } from './transport.ts'

/** Rows of a part that are sent once more by one job or call. */
export interface RetryPiece {
  /** Header and rows. */
  readonly csv: Buffer
  /** By the place in the piece: the place of the row among those of the part that were sent. */
  readonly rows: readonly number[]
  /** The same by the row's name; no two rows of a piece have the same. */
  readonly names: ReadonlyMap<string, number>
}

/** What of a part is to be sent again: rows by their place among those that were sent. */
export type WaitingRows = ReadonlyMap<number, RowCause['remedy']>

/** Bytes of rows that are held at a time while they are put in order. */
const batchBytes = 16 << 20

/** Each piece costs some calls: rather than more than these, pieces are larger. */
const mostPieces = 50

/**
 * Rows that wait, in pieces: siblings, which name the same parent, stand together; rows that are the same in all that is
 * sent stand in different pieces, so that each answer can be told from the other. The same rows give the same pieces.
 *
 * @param most rows of a piece, by what their rejection asks for
 */
export async function* cutRetryPieces(
  plan: LoadPlan,
  part: Part,
  waiting: WaitingRows,
  limits: PartLimits,
  most: Readonly<Record<RowCause['remedy'], number>>,
): AsyncGenerator<RetryPiece> {
  for await (const batch of readBatches(plan, part, waiting)) {
    const rows = await describeRows(plan.mapping, batch)
    for (const remedy of ['alone', 'fewer'] as const) {
      const mine = groupSiblings(rows.filter(({ row }) => waiting.get(row) === remedy))
      const maxRows = Math.min(limits.maxRows, Math.max(most[remedy], Math.ceil(mine.length / mostPieces)))
      yield* cutPieces(mine, plan.encoder.header, { ...limits, maxRows })
    }
  }
}

interface Batch {
  /** Header and rows. */
  readonly csv: Buffer
  readonly rows: readonly number[]
}

async function* readBatches({ source, encoder }: LoadPlan, part: Part, waiting: WaitingRows): AsyncGenerator<Batch> {
  const out = new ByteWriter(pieceBytes)
  const begin = () => {
    out.reserve(encoder.header.length)
    out.piece(encoder.header)
    return []
  }
  let rows: number[] = begin()
  let row = -1
  for await (const block of source.reread(part.from, part.to)) {
    for (let record = 0; record < block.count; record++) {
      if (encoder.hold(block, record) !== undefined) continue
      row++
      if (!waiting.has(row)) continue
      encoder.encode(block, record, out)
      rows.push(row)
      if (out.length < batchBytes) continue
      yield { csv: out.take(), rows }
      rows = begin()
    }
  }
  if (rows.length > 0) yield { csv: out.take(), rows }
}

interface DescribedRow {
  readonly row: number
  readonly name: string
  readonly parent: string
  /** With its line end. */
  readonly line: Buffer
}

async function describeRows(mapping: CompiledMapping, { csv, rows }: Batch): Promise<readonly DescribedRow[]> {
  const described: DescribedRow[] = []
  const parent = findParentColumn(mapping)
  const header = mapping.columns.map(({ target }) => target.name)
  const nameRow = await openRowNames(mapping, header)
  if (nameRow === undefined) return described
  let first = 1
  for await (const block of scanRecords(readBuffer(csv), { delimiter: ',' })) {
    for (let record = first; record < block.count; record++) {
      described.push({
        row: rows[described.length]!,
        name: nameRow(block, record),
        parent: parent < 0 ? '' : cellText(block, block.firstCell[record]! + parent),
        line: Buffer.from(
          `${block.bytes.toString('latin1', block.recordStart[record], block.recordEnd[record])}\n`,
          'latin1',
        ),
      })
    }
    first = 0
  }
  return described
}

/** The column that names the record which a lock is likely to be about; an owner is seldom locked. */
function findParentColumn({ columns }: CompiledMapping): number {
  const isParent = ({ target }: CompiledMapping['columns'][number]) => target.isParent || target.type === 'reference'
  const found = columns.findIndex((column) => isParent(column) && column.target.field.name !== 'OwnerId')
  return found >= 0 ? found : columns.findIndex(isParent)
}

/** In the order in which the parents are met. */
function groupSiblings(rows: readonly DescribedRow[]): readonly DescribedRow[] {
  const groups = new Map<string, DescribedRow[]>()
  for (const row of rows) {
    const group = groups.get(row.parent)
    if (group === undefined) groups.set(row.parent, [row])
    else group.push(row)
  }
  return [...groups.values()].flat()
}

function* cutPieces(rows: readonly DescribedRow[], header: Buffer, limits: PartLimits): Generator<RetryPiece> {
  let left = rows
  while (left.length > 0) {
    const taken = new Map<string, DescribedRow>()
    const later: DescribedRow[] = []
    let bytes = header.length
    for (const row of left) {
      const fits = taken.size < limits.maxRows && (taken.size === 0 || bytes + row.line.length <= limits.maxBytes)
      if (!fits || taken.has(row.name)) later.push(row)
      else {
        taken.set(row.name, row)
        bytes += row.line.length
      }
    }
    const members = [...taken.values()]
    yield {
      csv: Buffer.concat([header, ...members.map(({ line }) => line)]),
      rows: members.map(({ row }) => row),
      names: new Map(members.map(({ name, row }) => [name, row])),
    }
    left = later
  }
}

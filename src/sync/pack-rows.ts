import { recordCells } from '../csv/cells.ts'
import type { RecordTable } from '../csv/record-table.ts'
import type { TableFile } from '../sqlite/table-file.ts'
import { kindOf, readCell } from './field-values.ts'
import type { SyncField } from './sync-object.ts'

/** A column of the table that is filled, and where its cell stands in the answer; below 0 where there is none. */
export interface PackedColumn {
  readonly field: Pick<SyncField, 'type' | 'required'>
  readonly place: number
}

/**
 * Adds the records of a block, from `first` on, to a table. The kernel puts them into pages (`assembly/pages.ts`); a record that
 * may be longer than a page goes the ordinary way, to the same end.
 *
 * Returns whether a number was left as text: one that is written with more than 15 digits, or whose power of ten no double
 * holds exactly.
 */
export function packRows(
  block: RecordTable,
  first: number,
  columns: readonly PackedColumn[],
  table: TableFile,
): boolean {
  let keptSpelling = false
  for (let record = first; record < block.count; ) {
    for (const [index, { field, place }] of columns.entries()) {
      block.settings.writeInt32LE(place, index * 8)
      block.settings.writeInt32LE(kindNumber(field), index * 8 + 4)
    }
    const packed = block.kernel.packRows(record, block.count, columns.length, BigInt(table.rows + 1))
    keptSpelling ||= block.kernel.keptSpelling.value !== 0
    table.addPages(block.out.subarray(0, block.kernel.packedBytes.value))
    record += packed
    if (packed > 0) continue
    const cells = recordCells(block, record)
    table.addRow(columns.map(({ field, place }) => readCell(field, cells[place] ?? '')))
    record += 1
  }
  return keptSpelling
}

/** As in assembly/pages.ts. */
function kindNumber({ type, required }: PackedColumn['field']): number {
  return kinds[kindOf(type)] + (required ? 4 : 0)
}

const kinds = { text: 0, date: 0, datetime: 0, boolean: 1, integer: 2, number: 2 } as const

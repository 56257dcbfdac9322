import { cellText } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { RecordWriter, WriteBytes } from './record-writer.ts'

/** A column of the output: where its cells are found, what it is called, and how they are spelt. */
export interface MappedColumn {
  /** Index among the columns that came. */
  readonly index: number
  readonly name: string
  /** Spells a text otherwise; the cell is copied as it stands without it. */
  readonly format: ((text: string) => string) | undefined
}

/** CSV of some columns of what came, in an order and under names of their own. Every cell is quoted, as the service does. */
export async function createMappedCsvWriter(
  columns: readonly MappedColumn[],
  write: WriteBytes,
): Promise<RecordWriter> {
  await write(Buffer.from(`${columns.map(({ name }) => quote(name)).join(',')}\n`))
  return {
    async write(block, from, to) {
      if (from === to) return
      // Bytes as characters of Latin-1: cells that stay as they are need not be decoded.
      let text = ''
      for (let record = from; record < to; record++) {
        for (let i = 0; i < columns.length; i++) {
          if (i > 0) text += ','
          text += spellCell(block, block.firstCell[record]! + columns[i]!.index, columns[i]!.format)
        }
        text += '\n'
      }
      await write(Buffer.from(text, 'latin1'))
    },
    end: async () => undefined,
  }
}

function spellCell(block: RecordBlock, k: number, format: MappedColumn['format']): string {
  if (!format) return block.bytes.toString('latin1', block.cellStart[k], block.cellEnd[k])
  const text = cellText(block, k)
  return Buffer.from(quote(text === '' ? '' : format(text))).toString('latin1')
}

function quote(text: string): string {
  return `"${text.replaceAll('"', '""')}"`
}

import { cellText } from '../csv/cells.ts'
import type { RecordWriter, WriteBytes } from './record-writer.ts'
import type { ColumnKind, TypedColumn } from './typed-column.ts'

/**
 * One JSON object a line: numbers and booleans as such, an empty cell as null, everything else as text. A cell that is not
 * what its column says stays text.
 */
export function createJsonlWriter(columns: readonly TypedColumn[], write: WriteBytes): RecordWriter {
  const keys = columns.map(({ name }, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`)
  return {
    async write(block, from, to) {
      let text = ''
      for (let record = from; record < to; record++) {
        const first = block.firstCell[record]!
        for (const [index, { kind }] of columns.entries()) {
          text += keys[index]! + jsonValue(cellText(block, first + index), kind)
        }
        text += '}\n'
      }
      if (text !== '') await write(Buffer.from(text))
    },
    end: async () => undefined,
  }
}

function jsonValue(text: string, kind: ColumnKind): string {
  if (text === '') return 'null'
  if (kind === 'boolean' && (text === 'true' || text === 'false')) return text
  if ((kind === 'integer' || kind === 'number') && jsonNumber.test(text)) return spellNumber(text)
  return JSON.stringify(text)
}

const jsonNumber = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/

/** `8.9E8` as 890000000; a number with more digits than JavaScript holds keeps the spelling that it came in. */
function spellNumber(text: string): string {
  const digits = text.replace(/[eE].*$/, '').replace(/\D/g, '')
  return digits.length <= 15 ? String(Number(text)) : text
}

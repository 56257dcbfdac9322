import type { RecordBlock } from '../csv/records.ts'
import { serviceNull } from '../service-null.ts'
import type { CellPlace } from './cell-place.ts'

interface NullRules {
  /** What stands for null besides `#N/A`. */
  readonly nullMarker: Buffer | undefined
  /** Whether an empty cell does, too. */
  readonly emptyAsNull: boolean
}

/** Tells whether what is sent for a value is null: `#N/A`. A constant, which all rows share, is not asked. */
export function nullTest({ nullMarker, emptyAsNull }: NullRules) {
  const markers = nullMarker === undefined ? [nullBytes] : [nullBytes, nullMarker]
  if (emptyAsNull) markers.push(Buffer.alloc(0))
  return (block: RecordBlock, record: number, place: CellPlace): boolean => {
    if ('constant' in place) return false
    if ('cells' in place) {
      place.cells.evaluate(block, record)
      const { bytes, start, end } = place.cells.value(place.column)
      return isText(bytes, start, end, nullBytes)
    }
    const cell = block.firstCell[record]! + place.index
    return place.index >= 0 && markers.some((marker) => holds(block, cell, marker))
  }
}

/** Whether a cell is this text, quoted or not. */
export function holds({ bytes, cellStart, cellEnd }: RecordBlock, cell: number, text: Buffer): boolean {
  const start = cellStart[cell]!
  const end = cellEnd[cell]!
  const isQuoted = end - start >= 2 && bytes[start] === 0x22
  return isQuoted ? isText(bytes, start + 1, end - 1, text) : isText(bytes, start, end, text)
}

function isText(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  return end - start === text.length && bytes.compare(text, 0, text.length, start, end) === 0
}

const nullBytes = Buffer.from(serviceNull)

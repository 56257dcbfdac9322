import type { RecordTable } from '../csv/record-table.ts'
import type { Comparison } from './canonical-cell.ts'
import type { CellPlace } from './cell-place.ts'
import type { HashPair } from './row-keys.ts'

/** The low and the high half of the hash of each of these records. The array is reused: read it before the next call. */
export type HashRecords = (table: RecordTable, first: number, end: number) => Uint32Array

/**
 * Hashes many records in one call of the kernel (`assembly/keys.ts`): 600,000 external IDs in 20 ms, not 130. Values that the
 * kernel does not spell (moments, numbers of more than 15 digits) leave their record to `hashOne`, which must come to the same hash.
 */
export function hashInBatches(
  places: readonly CellPlace[],
  nullMarker: Buffer | undefined,
  hashOne: (table: RecordTable, record: number) => HashPair,
): HashRecords {
  const settings = writeSettings(places, nullMarker)
  const [cells] = places.flatMap((place) => ('cells' in place ? [place.cells] : []))
  return (table, first, end) => {
    const { kernel, hashes, states } = table
    const isKernels = settings.bytes.length <= table.settings.length && end <= states.length
    if (isKernels) {
      const { bytes, markerStart, markerEnd } = settings
      table.settings.set(bytes)
      let left = 0
      for (let from = first, to = first; from < end; from = to) {
        // Values are made of the cells of so many rows at a time. A row that has none is left to `hashOne`.
        to = cells === undefined ? end : Math.min(end, cells.makeMany(table, from))
        left += kernel.hashRecords(from, to, places.length, markerStart, markerEnd, 0n)
      }
      if (left === 0) return hashes.subarray(2 * first, 2 * end)
    }
    const all = isKernels ? hashes.subarray(2 * first, 2 * end) : new Uint32Array(2 * (end - first))
    for (let record = first; record < end; record++) {
      if (isKernels && states[record] === 0) continue
      const { low, high } = hashOne(table, record)
      all[2 * (record - first)] = low
      all[2 * (record - first) + 1] = high
    }
    return all
  }
}

/** The same without the kernel, for hashes that it does not know. */
export function hashOneByOne(hashOne: (table: RecordTable, record: number) => HashPair): HashRecords {
  return (table, first, end) => {
    const all = new Uint32Array(2 * (end - first))
    for (let record = first; record < end; record++) {
      const { low, high } = hashOne(table, record)
      all[2 * (record - first)] = low
      all[2 * (record - first) + 1] = high
    }
    return all
  }
}

interface Settings {
  readonly bytes: Buffer
  readonly markerStart: number
  readonly markerEnd: number
}

/** As in assembly/keys.ts, which leaves those of the last number to the TypeScript. */
const kinds: Readonly<Record<Comparison, number>> = {
  text: 0,
  number: 1,
  boolean: 2,
  id: 3,
  date: 4,
  datetime: 5,
  time: 5,
  set: 5,
}
const placeBytes = 16
const nowhere = -1
const firstMade = -2

/** Four numbers for each place, then the constants and the null marker. */
function writeSettings(places: readonly CellPlace[], nullMarker: Buffer | undefined): Settings {
  const numbers: number[] = []
  const texts: Buffer[] = []
  let end = places.length * placeBytes
  const keep = (text: Buffer): readonly [number, number] => {
    texts.push(text)
    end += text.length
    return [end - text.length, end]
  }
  for (const place of places) {
    if ('cells' in place) numbers.push(firstMade - place.cells.placeOf(place.column), kinds[place.comparison], 0, 0)
    else if ('constant' in place) numbers.push(nowhere, 0, ...keep(place.constant))
    else numbers.push(Math.max(place.index, nowhere), kinds[place.comparison], 0, 0)
  }
  const [markerStart, markerEnd] = nullMarker === undefined ? [0, 0] : keep(nullMarker)
  const bytes = Buffer.concat([Buffer.from(Int32Array.from(numbers).buffer), ...texts])
  return { bytes, markerStart, markerEnd }
}

import type { RecordTable } from './record-table.ts'

/** What a cell must be so that nobody needs to read it as text. */
export interface PlainCheck {
  /** Index of the column; -1, -2 and so on are the first, the second and so on of the values that are made of cells. */
  readonly column: number
  readonly kind: PlainKind
  readonly emptyIsGood: boolean
  /** A text that stands for no value, where that is not good; then only cells that begin with a letter or a digit pass. */
  readonly badMarker: Buffer | undefined
}

export type PlainKind =
  | { readonly name: 'any' | 'boolean' | 'integer' | 'date' }
  /** Bytes at most. */
  | { readonly name: 'length'; readonly most: number }
  /** Digits before and behind the point. */
  | { readonly name: 'number'; readonly most: number; readonly scale: number }

/** How many of the records from `first` to `end` are sound, hold no loose quote and pass, as far as they follow one another. */
export type CountPassing = (table: RecordTable, first: number, end: number) => number

/** As in assembly/checks.ts. */
const kinds: Readonly<Record<PlainKind['name'], number>> = {
  any: 0,
  length: 1,
  boolean: 2,
  integer: 3,
  number: 4,
  date: 5,
}
const checkBytes = 32
const emptyIsGood = 1
const nullIsNotGood = 2

/** As in assembly/checks.ts. */
const noColumn = -(2 ** 31)

/**
 * Makes the checks ready for the kernel. `neededColumn`: a column whose cells must not be empty. `usesMade`: a row passes only
 * where its values are made.
 */
export function countPassingRows(
  checks: readonly PlainCheck[],
  neededColumn: number | undefined,
  usesMade: boolean,
): CountPassing {
  const settings = writeChecks(checks)
  return (table, first, end) => {
    if (settings.length > table.settings.length) return 0
    table.settings.set(settings)
    return table.kernel.countPassing(first, end, checks.length, neededColumn ?? noColumn, usesMade)
  }
}

function writeChecks(checks: readonly PlainCheck[]): Buffer {
  const texts: Buffer[] = []
  const numbers: number[] = []
  let end = checks.length * checkBytes
  for (const { column, kind, emptyIsGood: takesEmpty, badMarker } of checks) {
    const bits = (takesEmpty ? emptyIsGood : 0) | (badMarker ? nullIsNotGood : 0)
    const most = 'most' in kind ? kind.most : 0
    const scale = 'scale' in kind ? kind.scale : 0
    const markerStart = end
    if (badMarker) {
      texts.push(badMarker)
      end += badMarker.length
    }
    numbers.push(column, kinds[kind.name], bits, most, scale, markerStart, end, 0)
  }
  return Buffer.concat([Buffer.from(Int32Array.from(numbers).buffer), ...texts])
}

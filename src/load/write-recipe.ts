import type { SentColumn } from '../mapping/compile.ts'

/** How the kernel puts a record together: what goes with a call of `Kernel.encodeRows`. */
export interface Recipe {
  readonly bytes: Buffer
  /** Number of pieces. */
  readonly count: number
}

/** Neighbouring columns of the input that are sent side by side: copied as one piece. */
export interface Run {
  readonly first: number
  readonly last: number
}

/** What a recipe is written from. */
export interface RecordPlan {
  readonly columns: readonly SentColumn[]
  readonly keyColumn: number | undefined
  /** The first columns, where they can be copied as they stand. */
  readonly runs: readonly Run[]
  /** Index of the first column that is in no run. */
  readonly behindRuns: number
  /** Texts that every row gets, with their quotes, by the index of their column. */
  readonly constants: readonly (Buffer | undefined)[]
  readonly nullMarker: Buffer | undefined
  readonly emptyAsNull: boolean
}

// As in assembly/encode.ts: what a piece of a record is, and bits.
const runPiece = 0
const cellPiece = 1
const madePiece = 2
const constantPiece = 3
const emptyIsNull = 1
const isAlone = 2
const isKey = 1
const headWords = 4
const pieceWords = 4

/** Start and end of the null marker, bits; then four words for each piece; then the texts. */
export function writeRecipe(plan: RecordPlan): Recipe {
  const { columns, constants, runs, behindRuns } = plan
  const texts: Buffer[] = []
  // There may be fewer pieces.
  let end = (headWords + (runs.length + columns.length - behindRuns) * pieceWords) * 4
  const head = Buffer.alloc(end)
  const keep = (text: Buffer): readonly [number, number] => {
    texts.push(text)
    end += text.length
    return [end - text.length, end]
  }
  const [markerStart, markerEnd] = keep(plan.nullMarker ?? Buffer.alloc(0))
  const bits = (plan.emptyAsNull ? emptyIsNull : 0) | (columns.length === 1 ? isAlone : 0)
  const words = [markerStart, markerEnd, bits, 0]
  for (const { first, last } of runs) words.push(runPiece, first, last, 0)
  for (let column = behindRuns; column < columns.length; column++) {
    const constant = constants[column]
    const place = placeOfColumn(columns, column)
    const bits = column === plan.keyColumn ? isKey : 0
    if (constant !== undefined || place === undefined)
      words.push(constantPiece, ...keep(constant ?? Buffer.alloc(0)), 0)
    else if (place < 0) addMade(words, -1 - place, bits, plan.emptyAsNull)
    else words.push(cellPiece, place, bits, 0)
  }
  Buffer.from(Int32Array.from(words).buffer).copy(head)
  return { bytes: Buffer.concat([head, ...texts]), count: words.length / pieceWords - headWords / pieceWords }
}

/** Values that follow one another are one piece, unless an empty one is to be null, which hangs on the column. */
function addMade(words: number[], value: number, bits: number, emptyAsNull: boolean): void {
  const last = words.length - pieceWords
  const follows = words[last] === madePiece && words[last + 2] === value - 1 && last >= headWords
  if (follows && !emptyAsNull) words[last + 2] = value
  else words.push(madePiece, value, value, bits)
}

/**
 * Where the kernel finds the value of a sent column: the index of the input's column; -1, -2 and so on for the first, the second and
 * so on of the values that are made of cells; undefined for a constant.
 */
export function placeOfColumn(columns: readonly SentColumn[], column: number): number | undefined {
  const isMade = ({ from }: SentColumn) => typeof from === 'object' && 'computed' in from
  const { from } = columns[column]!
  if (typeof from === 'number') return from
  return isMade(columns[column]!) ? -columns.slice(0, column + 1).filter(isMade).length : undefined
}

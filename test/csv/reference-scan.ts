import { recordFault, recordTrait } from '../../src/csv/records.ts'

/** A record as the scanner must find it; places are bytes of the input. */
export interface ReferenceRecord {
  readonly from: number
  readonly to: number
  readonly line: number
  readonly fault: number
  readonly traits: number
  readonly cells: readonly (readonly [from: number, to: number])[]
}

export interface ReferenceRules {
  readonly delimiter: string
  readonly columns?: number | undefined
  readonly maxRecordBytes: number
}

/** The records of an ASCII text by the rules of src/csv/scan.ts, told in regular expressions and without blocks. */
export function scanByReference(text: string, rules: ReferenceRules): ReferenceRecord[] {
  const records: ReferenceRecord[] = []
  let at = 0
  while (at < text.length) {
    const emptyLine = matchAt(lineEnd, text, at)
    if (emptyLine === undefined) {
      const record = readSound(text, at, rules) ?? readBroken(text, at, rules.delimiter)
      records.push({ ...record, line: 1 + countLineEnds(text.slice(0, at)) })
      at = record.to
    }
    at += matchAt(lineEnd, text, at)?.length ?? 0
  }
  return records
}

type Unnumbered = Omit<ReferenceRecord, 'line'>

/** Undefined where a quote is not closed, or closed too far away or in the middle of a cell. */
function readSound(text: string, from: number, { delimiter, columns, maxRecordBytes }: ReferenceRules) {
  const cells: [number, number][] = []
  let traits = 0
  for (let at = from; ; at++) {
    const isQuoted = text[at] === '"'
    const cell = matchAt(isQuoted ? quotedCell : unquotedCells[delimiter]!, text, at)
    if (cell === undefined) return undefined
    const to = at + cell.length
    const after = text[to]
    if (isQuoted) {
      if (to - 1 - from > maxRecordBytes) return undefined
      if (after !== undefined && after !== delimiter && after !== '\n' && after !== '\r') return undefined
      traits |= recordTrait.quoted
      if (cell.includes('\r')) traits |= recordTrait.carriageReturn
    } else if (cell.includes('"')) traits |= recordTrait.looseQuote
    cells.push([at, to])
    at = to
    if (after === delimiter) continue
    const fault = columns !== undefined && cells.length !== columns ? recordFault.ragged : recordFault.none
    return { from, to, fault, traits, cells } satisfies Unnumbered
  }
}

/** The first line alone, and quotes in it are text. */
function readBroken(text: string, from: number, delimiter: string): Unnumbered {
  const [line] = text.slice(from).split(/[\r\n]/, 1)
  const cells: [number, number][] = []
  let at = from
  for (const cell of line!.split(delimiter)) {
    cells.push([at, at + cell.length])
    at += cell.length + 1
  }
  return { from, to: at - 1, fault: recordFault.quote, traits: recordTrait.looseQuote, cells }
}

const lineEnd = /\r\n|\r|\n/y
const quotedCell = /"(?:[^"]|"")*"(?!")/y
const unquotedCells: Readonly<Record<string, RegExp>> = { ',': /[^,\r\n]*/y, ';': /[^;\r\n]*/y, '\t': /[^\t\r\n]*/y }

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0]
}

function countLineEnds(text: string): number {
  return text.match(/\r\n|\r|\n/g)?.length ?? 0
}

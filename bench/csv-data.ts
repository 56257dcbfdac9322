import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { Random } from './random.ts'

/** Kinds of CSV that are hard on different parts of a scanner. */
export const csvKinds = {
  mixed: 'one cell in 20 quoted, with line ends',
  plain: 'no quotes',
  wide: '80 columns, mostly empty',
  quoted: 'every cell quoted',
} as const

export type CsvKind = keyof typeof csvKinds

export interface CsvFile {
  /** Without the header. */
  readonly rows: number
  readonly bytes: number
}

/** Writes a file of at least so many bytes, the same each time. */
export async function writeCsvOfKind(path: string, kind: CsvKind, atLeast: number): Promise<CsvFile> {
  const random = new Random(20_261_121)
  const file = createWriteStream(path, { highWaterMark: 1 << 20 })
  const columns = kind === 'wide' ? 80 : 12
  let text = `${Array.from({ length: columns }, (_, index) => `Column_${index}__c`).join(',')}\n`
  let bytes = 0
  let rows = 0
  while (bytes < atLeast) {
    for (let row = 0; row < 1000; row++) text += `${makeRow(kind, columns, random)}\n`
    rows += 1000
    const piece = Buffer.from(text)
    text = ''
    bytes += piece.length
    if (!file.write(piece)) await once(file, 'drain')
  }
  file.end()
  await finished(file)
  return { rows, bytes }
}

const words = ['Acme', 'Müller & Söhne', 'Vienna', '1010', '+43 1 2345678', 'true', '2026-11-21', 'Łódź Wholesale', '']

function makeRow(kind: CsvKind, columns: number, random: Random): string {
  const cells: string[] = []
  for (let column = 0; column < columns; column++) cells.push(makeCell(kind, column, random))
  return cells.join(',')
}

function makeCell(kind: CsvKind, column: number, random: Random): string {
  if (kind === 'wide' && random.below(9) > 0) return ''
  const text = random.pick(words) + (column % 3 === 0 ? String(random.below(100_000)) : '')
  if (kind === 'quoted') return `"${text}"`
  if (kind === 'mixed' && random.below(20) === 0)
    return `"${text}, ""${random.below(1000)}""\nsecond line, with more text"`
  return text
}

import { writeFile } from 'node:fs/promises'
import { readBuffer } from '../src/csv/byte-readers.ts'
import { recordCells } from '../src/csv/cells.ts'
import { scanRecords } from '../src/csv/scan.ts'
import { sinkFields } from './sink-fields.ts'

/** Counters of a job, and where its two result files lie. */
export interface PreparedResults {
  readonly rows: number
  readonly rejected: number
  readonly success: string
  readonly failed: string
}

/** One row in so many is rejected. */
const rejectEvery = 100

/**
 * Writes the result files of an upload as the service would: every cell quoted, decimal numbers in Java's spelling, rows in an
 * order that is not the upload's.
 */
export async function prepareResults(upload: Buffer, path: string): Promise<PreparedResults> {
  const { header, rows } = await readUpload(upload)
  const columns = header.join(',')
  const success = [`"sf__Id","sf__Created",${columns}\n`]
  const failed = [`"sf__Id","sf__Error",${columns}\n`]
  let rejected = 0
  const step = coprimeStep(rows.length)
  for (let count = 0, place = 0; count < rows.length; count++, place = (place + step) % rows.length) {
    if (place % rejectEvery === rejectEvery - 1) {
      failed.push(`"","REQUIRED_FIELD_MISSING:Required fields are missing: [Industry]:Industry --",${rows[place]}\n`)
      rejected++
    } else {
      success.push(`"001bm00${String(place).padStart(8, '0')}AAA","true",${rows[place]}\n`)
    }
  }
  await writeFile(`${path}.success`, success)
  await writeFile(`${path}.failed`, failed)
  return { rows: rows.length, rejected, success: `${path}.success`, failed: `${path}.failed` }
}

async function readUpload(upload: Buffer): Promise<{ header: readonly string[]; rows: string[] }> {
  let header: readonly string[] | undefined
  const rows: string[] = []
  for await (const block of scanRecords(readBuffer(upload), { delimiter: ',' })) {
    for (let record = 0; record < block.count; record++) {
      const cells = recordCells(block, record)
      if (header === undefined) {
        header = cells
        continue
      }
      const names = header
      rows.push(cells.map((cell, index) => `"${echo(names[index]!, cell).replaceAll('"', '""')}"`).join(','))
    }
  }
  return { header: header ?? [], rows }
}

const decimals = new Set(sinkFields.filter(({ type }) => type === 'currency').map(({ name }) => name))

/** `912260031` comes back as `9.12260031E8`. */
function echo(field: string, cell: string): string {
  if (!decimals.has(field) || cell === '') return cell
  const value = Number(cell)
  if (value < 1e7) return Number.isInteger(value) ? `${value}.0` : String(value)
  const [digits = '', exponent = ''] = value.toExponential().split('e+')
  return `${digits.includes('.') ? digits : `${digits}.0`}E${exponent}`
}

/** A step that visits every place once. */
function coprimeStep(rows: number): number {
  const common = (one: number, other: number): number => (other === 0 ? one : common(other, one % other))
  for (let step = Math.floor(rows * 0.618) + 1; ; step++) if (common(step, rows) === 1) return step
}

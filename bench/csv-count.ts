/** `csv-count WAY FILE ROWS`: reads a CSV with a header and fails when it has another number of records. */
import { createReadStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { parse } from 'csv-parse'
import { readFileRange } from '../src/csv/byte-readers.ts'
import { scanRecords } from '../src/csv/scan.ts'

const [way, path = '', rows] = process.argv.slice(2)
const records = way === 'scanner' ? await countByScanner(path) : await countByCsvParse(path)
if (records !== Number(rows) + 1) throw new Error(`${way} found ${records} records, not ${rows} and the header`)

async function countByScanner(path: string): Promise<number> {
  const file = await open(path)
  const read = readFileRange(file, 0, Number.MAX_SAFE_INTEGER)
  let records = 0
  for await (const block of scanRecords(read, { delimiter: ',' })) records += block.count
  await file.close()
  return records
}

async function countByCsvParse(path: string): Promise<number> {
  const parser = parse({ skip_empty_lines: true })
  let records = 0
  parser.on('data', () => {
    records++
  })
  createReadStream(path, { highWaterMark: 1024 * 1024 }).pipe(parser)
  await finished(parser)
  return records
}

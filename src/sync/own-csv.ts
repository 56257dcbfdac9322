import { Readable } from 'node:stream'
import { recordCells } from '../csv/cells.ts'
import type { CsvSource } from '../csv/records.ts'
import { openCsvSource } from '../csv/source.ts'

/** Opens a CSV that this program has written: there is nothing to detect, and nothing to spool. */
export async function openOwnCsv(path: string): Promise<CsvSource> {
  return await openCsvSource({
    path,
    stdin: Readable.from([]),
    spoolFolder: '',
    delimiter: ',',
    encoding: 'utf-8',
  })
}

/** The cells of each record of such a CSV. */
export async function* readOwnCsv(path: string): AsyncGenerator<readonly string[]> {
  const source = await openOwnCsv(path)
  try {
    for await (const block of source.records()) {
      for (let record = 0; record < block.count; record++) yield recordCells(block, record)
    }
  } finally {
    await source.close()
  }
}

import { PassThrough } from 'node:stream'
import { readChunks } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import { scanRecords } from '../csv/scan.ts'
import { RunError } from '../errors.ts'
import { extract } from '../extract/extract.ts'
import { quoteName, type SqlValue } from '../sqlite/database.ts'
import { readCell } from './field-values.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/** Rows of a query that wait in a temporary table to be applied in one go. */
export interface StagedRows {
  /** The table: `Id`, `_deleted`, `_stamp` and the fields. */
  readonly table: string
  readonly rows: number
  /** The latest time of a change among them, by the org's clock. */
  readonly newest: string | undefined
}

/** What is asked of the org. */
interface Question {
  readonly soql: string
  /** Deleted rows as well. */
  readonly all: boolean
}

/**
 * Reads the rows of a query into a temporary table while they arrive, without keeping anybody from writing to the file. Columns
 * that the answer does not have are null. Of a record that comes twice the later row stands. Throws what `extract` throws.
 */
export async function stageQuery(tools: SyncTools, object: SyncObject, question: Question): Promise<StagedRows> {
  const { org, signal, report } = tools
  const stream = new PassThrough({ highWaterMark: bytesAhead })
  const asked = extract({ ...question, names: new Map(), output: stream }, { org, signal, report }).then(
    () => void stream.end(),
    (error: unknown) => {
      stream.destroy(error instanceof Error ? error : new Error(String(error)))
      throw error
    },
  )
  const staged = stageRows(tools.file, object, stream).catch((error: unknown) => {
    stream.destroy()
    throw error
  })
  const [asking, staging] = await Promise.allSettled([asked, staged])
  if (asking.status === 'rejected') throw asking.reason
  if (staging.status === 'rejected') throw staging.reason
  return staging.value
}

const bytesAhead = 4 * 1024 * 1024

async function stageRows(file: SyncFile, object: SyncObject, csv: AsyncIterable<Uint8Array>): Promise<StagedRows> {
  const table = `temp.${quoteName(`sfbulk_staged_${object.name}`)}`
  const names = object.fields.map(({ name }) => quoteName(name))
  file.storage.exec(
    `DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} ` +
      `("Id" TEXT PRIMARY KEY, _deleted INTEGER, _stamp TEXT${names.map((name) => `, ${name}`).join('')})`,
  )
  const insert = file.storage.prepare(
    `INSERT OR REPLACE INTO ${table} VALUES (?, ?, ?${names.map(() => ', ?').join('')})`,
  )
  let places: Places | undefined
  let rows = -1
  for await (const block of scanRecords(readChunks(csv), { delimiter: ',' })) {
    const isFirst = places === undefined
    places ??= findColumns(object, recordCells(block, 0))
    file.storage.exec('BEGIN')
    try {
      for (let record = isFirst ? 1 : 0; record < block.count; record++) {
        if (block.fault[record] !== 0) throw brokenAnswer(object, block.line[record]!)
        insert.run(readRecord(object, recordCells(block, record), places))
      }
    } finally {
      file.storage.exec('COMMIT')
    }
    rows += block.count
  }
  const newest = file.sql(`SELECT max(_stamp) FROM ${table}`).rows([])[0]?.[0]
  return {
    table,
    rows: Math.max(0, rows),
    newest: newest === null || newest === undefined ? undefined : String(newest),
  }
}

/** Gives back the room that staged rows take. */
export function dropStaged(file: SyncFile, { table }: StagedRows): void {
  file.storage.exec(`DROP TABLE IF EXISTS ${table}`)
}

interface Places {
  readonly id: number
  readonly deleted: number
  readonly stamp: number
  readonly fields: readonly number[]
}

function findColumns(object: SyncObject, header: readonly string[]): Places {
  const place = (name: string) => header.findIndex((column) => column.toLowerCase() === name.toLowerCase())
  return {
    id: place('Id'),
    deleted: place('IsDeleted'),
    stamp: object.stampField === undefined ? -1 : place(object.stampField),
    fields: object.fields.map(({ name }) => place(name)),
  }
}

function readRecord(object: SyncObject, cells: readonly string[], places: Places): SqlValue[] {
  const values: SqlValue[] = [cells[places.id] ?? '', cells[places.deleted] === 'true' ? 1 : 0]
  values.push(cells[places.stamp] ?? null)
  for (let field = 0; field < object.fields.length; field++) {
    values.push(readCell(object.fields[field]!, cells[places.fields[field]!] ?? ''))
  }
  return values
}

function brokenAnswer({ name }: SyncObject, line: number): RunError {
  return new RunError(`the answer to the query of ${name} is no sound CSV in line ${line}`, {
    code: 'RESULT_CHANGED',
    hint: 'run the sync again',
  })
}

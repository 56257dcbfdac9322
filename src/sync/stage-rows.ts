import { rm } from 'node:fs/promises'
import { PassThrough } from 'node:stream'
import { readChunks } from '../csv/byte-readers.ts'
import { recordCells } from '../csv/cells.ts'
import type { RecordTable } from '../csv/record-table.ts'
import { recordFault } from '../csv/records.ts'
import { scanRecords } from '../csv/scan.ts'
import { RunError } from '../errors.ts'
import { extract } from '../extract/extract.ts'
import { settleAll } from '../settle-all.ts'
import { quoteName, quoteText, type SqlValue } from '../sqlite/database.ts'
import { createTableFile } from '../sqlite/table-file.ts'
import { explainStorage } from './explain-storage.ts'
import { kindOf } from './field-values.ts'
import { type PackedColumn, packRows } from './pack-rows.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

/** Rows of a query that wait in a file of their own, attached to the sync file, to be applied in one go. */
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
 * Reads the rows of a query while they arrive, without keeping anybody from writing to the sync file, and does work with them.
 * Columns that the answer does not have are null. Throws what `extract` throws.
 *
 * Of a record that comes twice the later row stands, if deleted rows were asked for; otherwise it may be there twice.
 */
export async function withStagedRows<Result>(
  tools: SyncTools,
  object: SyncObject,
  question: Question,
  work: (staged: StagedRows) => Result | Promise<Result>,
): Promise<Result> {
  const { file } = tools
  // Beside the file, where there is room for it; what a sync that was killed has left is written over by the next one.
  const path = `${file.path}-rows`
  const columns = tableColumns(object)
  try {
    const { rows, keptSpelling } = await fetchRows(tools, object, question, path)
    file.storage.exec(`ATTACH ${quoteText(path)} AS sfbulk_staged; PRAGMA sfbulk_staged.journal_mode = OFF;`)
    try {
      if (keptSpelling) readNumbers(file, columns)
      if (question.all) dropEarlierRows(file)
      const newest = file.sql(`SELECT max(_stamp) FROM ${table}`).rows([])[0]?.[0]
      return await work({ table, rows, newest: newest === null ? undefined : String(newest) })
    } finally {
      file.storage.exec('DETACH sfbulk_staged')
    }
  } catch (error) {
    throw explainStorage(error, file.name)
  } finally {
    await rm(path, { force: true })
  }
}

const table = 'sfbulk_staged.rows'

async function fetchRows(tools: SyncTools, object: SyncObject, question: Question, path: string) {
  const { org, signal, report } = tools
  const stream = new PassThrough({ highWaterMark: bytesAhead })
  const asked = extract({ ...question, names: new Map(), output: stream }, { org, signal, report }).then(
    () => void stream.end(),
    (error: unknown) => {
      stream.destroy(error instanceof Error ? error : new Error(String(error)))
      throw error
    },
  )
  const written = writeRows(object, stream, path).catch((error: unknown) => {
    stream.destroy()
    throw error
  })
  const [, rows] = await settleAll([asked, written])
  return rows
}

const bytesAhead = 4 * 1024 * 1024

async function writeRows(object: SyncObject, csv: AsyncIterable<Uint8Array>, path: string) {
  const columns = tableColumns(object)
  const definition = `CREATE TABLE rows (${columns.map(({ name }) => quoteName(name)).join(', ')})`
  const rows = createTableFile(path, 'rows', definition)
  let packed: readonly PackedColumn[] | undefined
  let keptSpelling = false
  try {
    for await (const block of scanRecords(readChunks(csv), { delimiter: ',' })) {
      checkRecords(object, block)
      const isFirst = packed === undefined
      packed ??= findPlaces(columns, recordCells(block, 0))
      keptSpelling = packRows(block, isFirst ? 1 : 0, packed, rows) || keptSpelling
    }
  } catch (error) {
    rows.abandon()
    throw error
  }
  rows.finish()
  return { rows: rows.rows, keptSpelling }
}

interface TableColumn extends Omit<PackedColumn, 'place'> {
  /** In the table and in the answer. */
  readonly name: string
  readonly remote: string
}

function tableColumns(object: SyncObject): readonly TableColumn[] {
  const text = { type: 'string', required: false }
  return [
    { name: 'Id', remote: 'Id', field: { type: 'id', required: true } },
    { name: '_deleted', remote: 'IsDeleted', field: { type: 'boolean', required: false } },
    { name: '_stamp', remote: object.stampField ?? '', field: text },
    ...object.fields.map((field) => ({ name: field.name, remote: field.name, field })),
  ]
}

function findPlaces(columns: readonly TableColumn[], header: readonly string[]): readonly PackedColumn[] {
  const names = header.map((name) => name.toLowerCase())
  return columns.map(({ remote, field }) => ({ field, place: names.indexOf(remote.toLowerCase()) }))
}

/** A record may be longer than Salesforce takes one by Bulk. */
function checkRecords(object: SyncObject, block: RecordTable): void {
  for (let record = 0; record < block.count; record++) {
    const fault = block.fault[record]!
    if (fault !== recordFault.none && fault !== recordFault.length) throw brokenAnswer(object, block.line[record]!)
  }
}

/** By JavaScript: SQLite's own reading of a text misses the nearest double by one in a few thousand numbers of 16 digits. */
function readNumbers(file: SyncFile, columns: readonly TableColumn[]): void {
  const names = columns.flatMap(({ name, field }) =>
    ['integer', 'number'].includes(kindOf(field.type)) ? [quoteName(name)] : [],
  )
  for (const name of names) {
    const texts = file.sql(
      `SELECT rowid, ${name} FROM ${table} WHERE rowid > ? AND typeof(${name}) = 'text' AND ${name} <> ''
       ORDER BY rowid LIMIT ${numbersAtOnce}`,
    )
    const update = file.sql(`UPDATE ${table} SET ${name} = ? WHERE rowid = ?`)
    let last: SqlValue = 0
    for (let rows = texts.rows([last]); rows.length > 0; rows = texts.rows([last])) {
      for (const [row = 0, text = null] of rows) {
        update.run([Number(text), row])
        last = row
      }
    }
  }
}

const numbersAtOnce = 10_000

function dropEarlierRows(file: SyncFile): void {
  file.storage.exec(`
    CREATE INDEX sfbulk_staged.by_id ON rows ("Id");
    DELETE FROM ${table} WHERE rowid IN (
      SELECT earlier.rowid FROM ${table} AS earlier JOIN ${table} AS later
      ON later."Id" = earlier."Id" AND later.rowid > earlier.rowid)`)
}

function brokenAnswer({ name }: SyncObject, line: number): RunError {
  return new RunError(`the answer to the query of ${name} is no sound CSV in line ${line}`, {
    code: 'RESULT_CHANGED',
    hint: 'run the sync again',
  })
}

import { normalizeId } from '../../values/record-id.ts'
import type { RowError } from '../../values/row-error.ts'
import type { WriteOperation, WriteResult } from '../engine.ts'
import type { OrgParts } from '../parts.ts'
import { findObjectsOfIds } from './read-records.ts'
import { Refusal } from './refusal.ts'
import { isTrue, type SoapCall, type SoapOperation } from './soap-call.ts'
import { readSoapRecord, type SoapRecord, truncateTexts } from './soap-records.ts'
import { childTexts, escapeXml, findChild, type XmlElement } from './soap-xml.ts'
import { addToRun, mostRuns, type Run, writeRuns } from './write-runs.ts'

/** The calls that change records. One result for each record or id, in order. */
export const writeOperations: Readonly<Record<string, SoapOperation>> = {
  create: (call) => writeRecords(call, 'insert'),
  update: (call) => writeRecords(call, 'update'),
  upsert: (call) => writeRecords(call, 'upsert', findChild(call.call, 'externalIDFieldName')?.text.trim() ?? ''),
  delete: (call) => writeIds(call, 'delete'),
  undelete: (call) => writeIds(call, 'undelete'),
  emptyRecycleBin,
}

const mostRecords = 200

function writeRecords({ parts, call, header }: SoapCall, operation: WriteOperation, externalIdField?: string): string {
  const elements = call.children.filter(({ name }) => name === 'sObjects')
  checkCount(elements.length)
  const cuts = isTrue(header('AllowFieldTruncationHeader', 'allowFieldTruncation'))
  const records = elements.map((element) => readSoapRecord(parts.engine, element))
  const repeated = operation === 'update' ? findRepeated(records) : new Map<number, RowError>()
  const rows = records.map((row, index) => {
    if (repeated.has(index)) return { object: row.object, record: {} }
    return cuts ? truncateTexts(row) : row
  })
  const allOrNone = isTrue(header('AllOrNoneHeader', 'allOrNone'))
  const results = writeRows(parts, rows, { operation, externalIdField, allOrNone })
  return results
    .map((result, index) => ({ ...result, error: repeated.get(index) ?? result.error }))
    .map((result) => spellResult(result, operation))
    .join('')
}

function writeIds({ parts, call, header }: SoapCall, operation: WriteOperation): string {
  const allOrNone = isTrue(header('AllOrNoneHeader', 'allOrNone'))
  const results = writeRows(parts, readIds(parts, call), { operation, allOrNone })
  return results.map((result) => spellResult(result, operation)).join('')
}

/** Takes records out of the recycle bin for good; those that are not in it stay where they are. */
function emptyRecycleBin({ parts, call }: SoapCall): string {
  return readIds(parts, call)
    .map((row) => {
      const id = String(row.record.Id)
      if (!isInBin(parts, row.object.name, id)) return { id, created: false, error: notInBin(id) }
      return writeRows(parts, [row], { operation: 'hardDelete', allOrNone: false })[0]
    })
    .map((result) => (result === undefined ? '' : spellResult(result, 'hardDelete')))
    .join('')
}

function isInBin({ engine }: OrgParts, object: string, id: string): boolean {
  const soql = `SELECT Id FROM ${object} WHERE IsDeleted = TRUE AND Id = '${normalizeId(id) ?? ''}'`
  return engine.query(soql, { all: true, surface: 'rest' }).totalSize > 0
}

function readIds({ engine }: OrgParts, call: XmlElement): readonly SoapRecord[] {
  const ids = childTexts(call, 'ids').map((id) => id.trim())
  checkCount(ids.length)
  const objects = findObjectsOfIds(engine, ids)
  return objects.map((object, index) => ({ object, record: { Id: ids[index] ?? '' } }))
}

function writeRows(
  parts: OrgParts,
  rows: readonly SoapRecord[],
  options: Parameters<typeof writeRuns>[2],
): readonly WriteResult[] {
  const runs: Run[] = []
  for (const { object, record } of rows) addToRun(runs, object, record)
  if (runs.length > mostRuns) {
    const message = `Cannot have more than ${mostRuns} chunks in a single operation. Please rearrange the data to reduce chunking.`
    throw new Refusal(500, 'LIMIT_EXCEEDED', message)
  }
  return writeRuns(parts, runs, options)
}

/** A call changes a record at most this often. SOAP guide, "update()", "Updating Duplicate Records". */
const mostUpdates = 12

/** Rows that name a record which twelve rows before them have named. */
function findRepeated(rows: readonly SoapRecord[]): ReadonlyMap<number, RowError> {
  const uses = new Map<string, number>()
  const repeated = new Map<number, RowError>()
  for (const [index, { record }] of rows.entries()) {
    const id = typeof record.Id === 'string' ? normalizeId(record.Id.trim()) : undefined
    if (id === undefined) continue
    uses.set(id, (uses.get(id) ?? 0) + 1)
    if ((uses.get(id) ?? 0) <= mostUpdates) continue
    repeated.set(index, { statusCode: 'DUPLICATE_VALUE', message: `Duplicate id specified: ${id}`, fields: ['Id'] })
  }
  return repeated
}

function notInBin(id: string): RowError {
  return { statusCode: 'INVALID_ID_FIELD', message: `record is not in the recycle bin: ${id}`, fields: ['Id'] }
}

function checkCount(count: number): void {
  if (count <= mostRecords) return
  const message = `record limit reached. cannot submit more than ${mostRecords} records into this call`
  throw new Refusal(500, 'EXCEEDED_ID_LIMIT', message)
}

interface SpelledResult {
  readonly id: string
  readonly created: boolean
  readonly error?: RowError | undefined
}

function spellResult({ id, created, error }: SpelledResult, operation: WriteOperation): string {
  const verdict = operation === 'upsert' ? `<created>${created && error === undefined}</created>` : ''
  if (error === undefined) return `<result>${verdict}<id>${id}</id><success>true</success></result>`
  const fields = error.fields.map((field) => `<fields>${field}</fields>`).join('')
  const errors = `<errors>${fields}<message>${escapeXml(error.message)}</message><statusCode>${error.statusCode}</statusCode></errors>`
  return `<result>${verdict}${errors}<id xsi:nil="true"/><success>false</success></result>`
}

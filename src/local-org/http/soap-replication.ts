import type { ObjectDescription } from '../../org/object-description.ts'
import type { CellValue } from '../engine.ts'
import { Refusal } from './refusal.ts'
import type { SoapCall, SoapOperation } from './soap-call.ts'
import { findObject } from './soap-records.ts'
import { findChild } from './soap-xml.ts'

/** What has changed since: for programs that keep a copy. SOAP guide, "getUpdated()", "getDeleted()". */
export const replicationOperations: Readonly<Record<string, SoapOperation>> = {
  getServerTimestamp: () => `<result><timestamp>${new Date().toISOString()}</timestamp></result>`,
  getUpdated: (call) => {
    const { object, start, end, covered } = readWindow(call, 30, 0)
    const rows = changedRows(call, object, 'Id', start, end, false)
    const ids = rows.map(([id]) => `<ids>${id}</ids>`)
    return `<result>${ids.join('')}<latestDateCovered>${covered}</latestDateCovered></result>`
  },
  getDeleted: (call) => {
    const { object, start, end, covered, earliest } = readWindow(call, 15, minute)
    const stamp = stampOf(object)
    const records = changedRows(call, object, `Id, ${stamp}`, start, end, true).map(
      ([id, date]) => `<deletedRecords><deletedDate>${date}</deletedDate><id>${id}</id></deletedRecords>`,
    )
    return `<result>${records.join('')}<earliestDateAvailable>${earliest}</earliestDateAvailable><latestDateCovered>${covered}</latestDateCovered></result>`
  },
}

const minute = 60_000
const day = 86_400_000

const mostIds = 600_000

interface Window {
  readonly object: ObjectDescription
  /** ISO texts in UTC, whole minutes: the calls ignore seconds. */
  readonly start: string
  readonly end: string
  /** Where the next call goes on: not after now. */
  readonly covered: string
  readonly earliest: string
}

function readWindow({ parts, call }: SoapCall, days: number, shortest: number): Window {
  const object = findObject(parts.engine, findChild(call, 'sObjectType')?.text.trim() ?? '')
  if ('replicateable' in object && object.replicateable === false) {
    throw new Refusal(500, 'INVALID_TYPE_FOR_OPERATION', `entity type ${object.name} is not replicateable`)
  }
  const start = readDate(call, 'startDate')
  const end = readDate(call, 'endDate')
  const now = Date.now()
  const earliest = now - days * day
  if (end - start <= shortest) throw badWindow('endDate must be at least one minute greater than startDate')
  if (start < earliest - (earliest % minute)) {
    throw badWindow(`startDate cannot be more than ${days} days ago`)
  }
  const covered = Math.min(end, now - (now % minute))
  return { object, start: iso(start), end: iso(end), covered: iso(covered), earliest: iso(earliest) }
}

/** The time in whole minutes. */
function readDate(call: SoapCall['call'], name: string): number {
  const text = findChild(call, name)?.text.trim() ?? ''
  const time = Date.parse(text)
  if (Number.isNaN(time)) throw new Refusal(500, 'soapenv:Client', `'${text}' is not a valid value for ${name}`)
  return time - (time % minute)
}

function badWindow(message: string): Refusal {
  return new Refusal(500, 'INVALID_REPLICATION_DATE', message)
}

function changedRows(
  { parts }: SoapCall,
  object: ObjectDescription,
  fields: string,
  start: string,
  end: string,
  deleted: boolean,
): readonly CellValue[][] {
  const stamp = stampOf(object)
  const condition = object.fields.some(({ name }) => name === 'IsDeleted') ? `IsDeleted = ${deleted} AND ` : ''
  if (deleted && condition === '') return []
  const soql = `SELECT ${fields} FROM ${object.name} WHERE ${condition}${stamp} >= ${start} AND ${stamp} < ${end}`
  const result = parts.engine.query(soql, { all: deleted, surface: 'rest' })
  if (result.totalSize > mostIds) throw new Refusal(500, 'EXCEEDED_ID_LIMIT', `more than ${mostIds} ids in this window`)
  const rows = result.cells(0, result.totalSize)
  result.close()
  return rows
}

function stampOf(object: ObjectDescription): string {
  const names = object.fields.map(({ name }) => name)
  return ['SystemModstamp', 'LastModifiedDate'].find((name) => names.includes(name)) ?? 'CreatedDate'
}

function iso(time: number): string {
  return new Date(time).toISOString()
}

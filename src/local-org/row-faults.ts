import { createHash } from 'node:crypto'
import type { RowError } from '../values/row-error.ts'
import type { Engine, WriteRequest, WriteResult, WriteValue } from './engine.ts'

/** What rejects rows in passing, or because of those before them. */
export interface RowFaults {
  /** So many percent of the rows are locked the first so many times that they come: 1 to `rounds`, each its own number. */
  readonly lockRows?: { readonly percent: number; readonly rounds: number } | undefined
  /** A trigger needs too much processor time for more rows than these in one transaction. */
  readonly apexRows?: number | undefined
  /** Records that the org has room for, of those that are inserted by this process. */
  readonly roomFor?: number | undefined
}

/** An org in which others are at work: some rows are rejected for a cause that has gone when they come again. */
export function withRowFaults(engine: Engine, { lockRows, apexRows, roomFor }: RowFaults): Engine {
  const met = new Map<string, number>()
  let room = roomFor ?? Number.POSITIVE_INFINITY

  /** Counts the row's coming; rows of a transaction that are the same share a lock. */
  function isLocked(request: WriteRequest, row: readonly WriteValue[], seen: Map<string, boolean>): boolean {
    if (lockRows === undefined) return false
    const hash = createHash('md5')
      .update(`${request.object} ${JSON.stringify(row)}`)
      .digest()
    if (hash.readUInt16LE(0) % 100 >= lockRows.percent) return false
    const name = hash.toString('latin1')
    const known = seen.get(name)
    if (known !== undefined) return known
    const times = (met.get(name) ?? 0) + 1
    met.set(name, times)
    const isHeld = times <= 1 + (hash.readUInt16LE(2) % lockRows.rounds)
    seen.set(name, isHeld)
    return isHeld
  }

  return {
    ...engine,
    write(request) {
      if (apexRows !== undefined && request.rows.length > apexRows) return request.rows.map(() => failed(apexLimit))
      const seen = new Map<string, boolean>()
      const locked = request.rows.map((row) => isLocked(request, row, seen))
      const free = request.rows.filter((_, index) => !locked[index])
      const rows = request.operation === 'insert' ? free.slice(0, room) : free
      const results = [...(rows.length > 0 ? engine.write({ ...request, rows }) : [])]
      room -= results.filter(({ created }) => created).length
      return locked.map((isHeld) => (isHeld ? failed(rowLock) : (results.shift() ?? failed(storageLimit))))
    },
  }
}

function failed(error: RowError): WriteResult {
  return { id: '', created: false, error }
}

/** Wordings: protocol notes, section 8. */
const rowLock: RowError = {
  statusCode: 'UNABLE_TO_LOCK_ROW',
  message: 'unable to obtain exclusive access to this record or 1 records: 001000000000001AAA',
  fields: [],
}
const storageLimit: RowError = {
  statusCode: 'STORAGE_LIMIT_EXCEEDED',
  message: 'storage limit exceeded',
  fields: [],
}
const apexLimit: RowError = {
  statusCode: 'CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY',
  message:
    'SlowTrigger: execution of BeforeInsert\n\ncaused by: System.LimitException: Apex CPU time limit exceeded\n\n(System Code)',
  fields: [],
}

import { describe, expect, it } from 'vitest'
import {
  judgeCreated,
  judgeDeleted,
  judgeUpdated,
  type RecordState,
  unknownFormerValues,
} from '../../src/undo/judge-record.ts'

const name = { name: 'Name', type: 'string' }
const amount = { name: 'Amount', type: 'currency' }
const options = { filled: [name, amount], force: false }

const stamps = { LastModifiedDate: '2026-11-21T10:00:00.000Z', LastModifiedById: '005A' }
const origin = { CreatedDate: stamps.LastModifiedDate, CreatedById: stamps.LastModifiedById, IsDeleted: 'false' }
const state = (fields: Readonly<Record<string, string>>): RecordState => new Map(Object.entries(fields))

const before = state({ Name: 'Old', Amount: '', ...stamps, LastModifiedDate: '2026-01-01T00:00:00.000Z' })
const after = state({ Name: 'New', Amount: '50000000', ...stamps })

describe('a record that a run has changed', () => {
  it('gets its former values back when it is as the run left it, however an API spells that', () => {
    const now = state({ Name: 'New', Amount: '5.0E7', ...stamps, LastModifiedDate: '2026-11-21T10:00:00Z' })
    expect(judgeUpdated({ before, after, now }, options)).toEqual({ kind: 'undo' })
  })

  it('is left as it is when it has its former values already', () => {
    const now = state({ Name: 'Old', Amount: '', ...stamps, LastModifiedById: '005B' })
    expect(judgeUpdated({ before, after, now }, options)).toEqual({ kind: 'done' })
  })

  it.each([
    ['another value of the run', { Name: 'Newer' }, 'Name changed since the run, at 2026-11-21T10:00:00.000Z by 005A'],
    ['another author', { LastModifiedById: '005B' }, 'it changed since the run, at 2026-11-21T10:00:00.000Z by 005B'],
    [
      'a later date',
      { LastModifiedDate: '2026-11-21T10:00:01.000Z' },
      'it changed since the run, at 2026-11-21T10:00:01.000Z by 005A',
    ],
    ['a place in the recycle bin', { IsDeleted: 'true' }, 'it was deleted since the run'],
  ])('is a conflict when it has %s', (_, change, reason) => {
    const now = state({ Name: 'New', Amount: '50000000', ...stamps, ...change })
    expect(judgeUpdated({ before, after, now }, options)).toMatchObject({ kind: 'conflict', reason })
  })

  it('is a conflict when nothing is known of it', () => {
    expect(judgeUpdated({ before: undefined, after, now: after }, options)).toBe(unknownFormerValues)
    expect(judgeUpdated({ before, after, now: undefined }, options)).toMatchObject({ kind: 'conflict' })
    expect(judgeUpdated({ before, after: undefined, now: after }, options)).toMatchObject({ kind: 'conflict' })
  })

  it('is put back by force, if it is there', () => {
    const force = { ...options, force: true }
    const now = state({ Name: 'Newer', Amount: '1', ...stamps })
    expect(judgeUpdated({ before, after, now }, force)).toEqual({ kind: 'undo' })
    expect(judgeUpdated({ before, after, now: undefined }, force)).toMatchObject({ kind: 'conflict' })
  })
})

describe('a record that a run has created', () => {
  const untouched = state({ ...origin, ...stamps })

  it('is deleted when nobody has touched it, and is done with when it is gone', () => {
    expect(judgeCreated({ before: undefined, after: undefined, now: untouched }, options)).toEqual({ kind: 'undo' })
    const twice = state({ ...origin, ...stamps, LastModifiedDate: '2026-11-21T10:00:00.004Z' })
    expect(judgeCreated({ before: undefined, after: undefined, now: twice }, options)).toEqual({ kind: 'undo' })
    const unsigned = state({ ...origin, LastModifiedDate: stamps.LastModifiedDate })
    expect(judgeCreated({ before: undefined, after: undefined, now: unsigned }, options)).toEqual({ kind: 'undo' })
    const gone = state({ ...origin, ...stamps, IsDeleted: 'true' })
    for (const now of [undefined, gone]) {
      expect(judgeCreated({ before: undefined, after: undefined, now }, options)).toEqual({ kind: 'done' })
    }
  })

  it.each([
    { LastModifiedById: '005B' },
    { LastModifiedDate: '2026-11-21T10:00:01.000Z' },
  ])('is a conflict when it has %j', (change) => {
    const now = state({ ...origin, ...stamps, ...change })
    const history = { before: undefined, after: undefined, now }
    expect(judgeCreated(history, options)).toMatchObject({ kind: 'conflict' })
    expect(judgeCreated(history, { ...options, force: true })).toEqual({ kind: 'undo' })
    expect(judgeCreated({ ...history, after: now }, options)).toEqual({ kind: 'undo' })
  })
})

describe('a record that a run has deleted', () => {
  it('comes back from the recycle bin, and is a conflict when it is not there any more', () => {
    const judge = (now: RecordState | undefined) => judgeDeleted({ before: undefined, after: undefined, now }).kind
    expect(judge(state({ IsDeleted: 'true' }))).toBe('undo')
    expect(judge(state({ IsDeleted: 'false' }))).toBe('done')
    expect(judge(undefined)).toBe('conflict')
  })
})

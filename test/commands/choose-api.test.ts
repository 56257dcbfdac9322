import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { chooseApi, type WriteToChoose } from '../../src/commands/choose-api.ts'

const write = (rows: number, more: Partial<WriteToChoose> = {}): WriteToChoose => ({
  operation: 'insert',
  asked: 'auto',
  input: { rows, bytes: 100 + rows * 60, hasControlCharacters: false },
  hasBinary: false,
  soapTakesSession: true,
  jobBytesGiven: false,
  ...more,
})

describe('the API of a write', () => {
  it.each([
    [0, 'soap', 0],
    [1, 'soap', 1],
    [200, 'soap', 1],
    [201, 'soap', 2],
    [800, 'soap', 4],
    [1_400, 'soap', 7],
    [1_401, 'bulk', 8],
    [2_000, 'bulk', 8],
    [10_000, 'bulk', 9],
  ])('for %i rows of 60 bytes is %s', (rows, api, calls) => {
    expect(chooseApi(write(rows))).toMatchObject({ api, calls })
  })

  it.each([
    ['a hard delete', { operation: 'hard-delete' }],
    ['a JSON Web Token', { soapTakesSession: false }],
    ['--job-bytes', { jobBytesGiven: true }],
    ['control characters', { input: { rows: 3, bytes: 90, hasControlCharacters: true } }],
    ['a large input', { input: 'more' }],
    ['--api bulk', { asked: 'bulk' }],
  ] as const)('is Bulk, however few the rows, for %s', (_, more) => {
    expect(chooseApi(write(1, more))).toMatchObject({ api: 'bulk', reason: expect.stringMatching(/\w/) })
  })

  it('is the one asked for, whatever it costs', () => {
    expect(chooseApi(write(1_000, { asked: 'soap', soapTakesSession: false }))).toMatchObject({ api: 'soap', calls: 5 })
  })

  it('is SOAP, however many the rows, for binary data', () => {
    expect(chooseApi(write(5_000, { hasBinary: true }))).toMatchObject({ api: 'soap', calls: 25 })
    expect(chooseApi(write(0, { hasBinary: true, input: 'more' }))).toMatchObject({ api: 'soap', calls: undefined })
  })

  it('says why', () => {
    expect(chooseApi(write(200)).reason).toBe('200 rows fit one call')
    expect(chooseApi(write(1_000)).reason).toBe('1,000 rows: 5 SOAP calls against about 9 of a Bulk job')
  })

  it('never costs more calls than the other one is expected to', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12_000 }), fc.integer({ min: 3, max: 80 }), (rows, width) => {
        const input = { rows, bytes: rows * width, hasControlCharacters: false }
        const cost = (asked: WriteToChoose['asked']) => chooseApi(write(rows, { asked, input })).calls ?? 0
        expect(cost('auto')).toBe(Math.min(cost('soap'), cost('bulk')))
      }),
    )
  })
})

import { expect, it } from 'vitest'
import { run } from '../support/run.ts'

const counts = { read: 0, sent: 0, accepted: 0, rejected: 0, unprocessed: 0, unknown: 0, skipped: 0 }
const nothing = { run: null, api: null, jobs: [], rows: counts, files: { success: null, errors: null }, bytesSent: 0 }
const error = { code: expect.any(String), message: expect.any(String), hint: expect.any(String) }
const numbers = { apiCalls: expect.any(Number), elapsedMs: expect.any(Number) }

/** What was typed, and what is known of it. */
const failures: readonly (readonly [string, Readonly<Record<string, unknown>>])[] = [
  ['insert Acount a.csv -o local', { operation: 'insert', sobject: 'Acount', org: 'local' }],
  ['update Account a.csv -o local', { operation: 'update', sobject: 'Account', org: 'local' }],
  ['upsert Account missing.csv -i ERP_Id__c -o nobody', { operation: 'upsert', sobject: 'Account', org: null }],
  ['hard-delete Account a.csv --api soap -o local', { operation: 'hard-delete', sobject: 'Account', org: null }],
  ['delete --no-such-option', { operation: 'delete', sobject: null, org: null }],
  ['undo last', { operation: 'undo', sobject: null, org: null }],
  ['attach missing.csv -o local', { operation: 'insert', sobject: 'Attachment', org: 'local' }],
]

it.each(failures)('gives the account of a write that comes to nothing under --json: %s', async (line, known) => {
  const result = await run(`${line} --json`, { files: { 'a.csv': 'Name\nAnn\n' } })
  expect(result.code).toBe(2)
  expect(JSON.parse(result.stdout)).toEqual({ ...nothing, ...numbers, ...known, error, exitCode: 2 })
})

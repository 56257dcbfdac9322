import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { isBusy } from '../../src/local-org/is-busy.ts'
import { openDatabase } from '../../src/sqlite/database.ts'

it('knows a database that another writer holds from other failures', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-busy-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const [one, other] = [openDatabase(join(folder, 'org.db')), openDatabase(join(folder, 'org.db'))]
  other.exec('PRAGMA busy_timeout = 0')
  const failure = (act: () => void): unknown => {
    try {
      act()
    } catch (error) {
      return error
    }
    return undefined
  }
  one.exec('BEGIN IMMEDIATE')
  expect(isBusy(failure(() => other.exec('BEGIN IMMEDIATE')))).toBe(true)
  one.exec('ROLLBACK')
  expect(isBusy(failure(() => other.exec('SELECT nothing')))).toBe(false)
  one.close()
  other.close()
})

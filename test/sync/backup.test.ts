import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { backupFile } from '../../src/sync/backup.ts'
import { runSync } from '../../src/sync/sync.ts'
import { openSyncFile } from '../../src/sync/sync-file.ts'
import { openCopy } from './open-copy.ts'

it('is made of a file, too, in which another program has dropped a table', async () => {
  const copy = await openCopy()
  copy.edit('DROP TABLE Lead')
  const path = join(dirname(copy.path), 'backup.db')
  backupFile(copy.file, path)
  const backup = openSyncFile(path)
  expect(backup.objects()).toHaveLength(1)
  backup.close()
})

it('a copy sends no new row that the file itself has sent since, and those that it has not', async () => {
  const copy = await openCopy()
  await copy.create('Lead', { LastName: 'Lovelace', Company: 'Engine' })
  await copy.sync()
  copy.edit("INSERT INTO Lead (LastName, Company) VALUES ('Hopper', 'Navy')")
  const path = join(dirname(copy.path), 'backup.db')
  backupFile(copy.file, path)
  await copy.sync()
  const backup = openSyncFile(path)
  backup.storage.exec("INSERT INTO Lead (LastName, Company) VALUES ('Liskov', 'MIT')")
  backup.storage.exec("UPDATE Lead SET Title = 'Admiral' WHERE LastName = 'Hopper'")
  const { status } = await runSync({ ...copy.tools, file: backup }, { pull: true, push: true })
  backup.close()
  expect(status.objects[0]).toMatchObject({ rows: 3, rejects: 0, pending: { create: 0, update: 0 } })
  expect(await copy.query('SELECT LastName, Title FROM Lead ORDER BY LastName')).toEqual([
    { LastName: 'Hopper', Title: 'Admiral' },
    { LastName: 'Liskov', Title: null },
    { LastName: 'Lovelace', Title: null },
  ])
})

import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, it } from 'vitest'
import { openDatabase } from '../../src/sqlite/database.ts'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'
import { killAt, openCopy } from './open-copy.ts'

const attachments = {
  object: 'Attachment',
  fields: ['Name', 'ParentId'],
  files: 'bodies',
  pattern: 'conflicts',
} as const

async function openFiles() {
  const copy = await openCopy([attachments])
  const [parent = ''] = await copy.create('Account', { Name: 'Engine' })
  const record = (Name: string, content: string) => ({ Name, ParentId: parent, Body: base64(content) })
  const [one = '', two = ''] = await copy.create('Attachment', record('a.txt', 'first'), record('b', 'second'))
  const pull = async (options = {}) => (await copy.sync({ push: false, ...options })).pulled.get('Attachment')
  const folder = join(dirname(copy.path), 'bodies')
  return { copy, one, two, pull, folder }
}

it('contents of files lie beside the table, which has their paths', async () => {
  const { copy, one, two, pull, folder } = await openFiles()
  expect(await pull()).toMatchObject({ received: 2, files: 2 })
  expect(copy.rows('SELECT Name, Body FROM Attachment ORDER BY Name')).toEqual([
    ['a.txt', join('bodies', `${one}.txt`)],
    ['b', join('bodies', two)],
  ])
  expect(readFileSync(join(folder, `${one}.txt`), 'utf8')).toBe('first')
  expect(readFileSync(join(folder, two), 'utf8')).toBe('second')
})

it('are fetched again when their record has changed, and go with it', async () => {
  const { copy, one, two, pull, folder } = await openFiles()
  // Made a while ago: the org's clock counts in seconds.
  const storage = openDatabase(copy.service.data)
  storage.exec("UPDATE Attachment SET SystemModstamp = '2026-03-01T10:00:00.000Z'")
  storage.close()
  await pull()
  expect(await pull()).toMatchObject({ files: 0 })
  await copy.change('Attachment', one, { Body: base64('changed') })
  await copy.remove('Attachment', two)
  const before = copy.service.count('GET', /\/Body$/)
  expect(await pull()).toMatchObject({ removed: 1, files: 1 })
  expect(copy.service.count('GET', /\/Body$/) - before).toBe(1)
  expect(readdirSync(folder)).toEqual([`${one}.txt`])
  expect(readFileSync(join(folder, `${one}.txt`), 'utf8')).toBe('changed')
  expect(copy.rows('SELECT count(*) FROM sfbulk_pending')).toEqual([[0]])
})

it('that were refused are told, and asked for by the next pull', async () => {
  const { copy, one, pull, folder } = await openFiles()
  const refused = [{ errorCode: 'INSUFFICIENT_ACCESS', message: 'not yours' }]
  copy.service.faults.add([{ path: `${one}/Body$`, status: 403, body: refused }])
  expect(await pull()).toMatchObject({ files: 1 })
  expect(copy.notes).toEqual([`Attachment ${one}: Body was not fetched: INSUFFICIENT_ACCESS: not yours`])
  expect(copy.rows(`SELECT Name, Body FROM Attachment WHERE Id = '${one}'`)).toEqual([['a.txt', null]])
  expect(await pull()).toMatchObject({ files: 1 })
  expect(readFileSync(join(folder, `${one}.txt`), 'utf8')).toBe('first')
})

it('that a killed pull has not fetched are fetched by the next one', async () => {
  const { copy, folder } = await openFiles()
  const next = await killAt(copy, 2, 'after', { push: false })
  expect(copy.rows('SELECT count(*), count(Body) FROM Attachment')).toEqual([[2, 0]])
  await next!.sync({ push: false })
  expect(copy.rows('SELECT count(Body) FROM Attachment')).toEqual([[2]])
  expect(
    readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'utf8'))
      .sort(),
  ).toEqual(['first', 'second'])
})

it('cannot be changed by their paths, but other fields can', async () => {
  const { copy, one, two, pull, folder } = await openFiles()
  await pull()
  const words = 'Attachment.Body is the path of a file that was read; send files with `sfbulk attach`'
  expect(() => copy.edit("UPDATE Attachment SET Body = 'mine'")).toThrow(words)
  expect(() => copy.edit("INSERT INTO Attachment (Name, Body) VALUES ('new', 'mine')")).toThrow(words)
  copy.edit(`INSERT OR REPLACE INTO Attachment SELECT Id, 'c.txt', ParentId, Body FROM Attachment WHERE Id = '${one}'`)
  copy.edit(`DELETE FROM Attachment WHERE Id = '${two}'`)
  await copy.sync({ push: false })
  expect(readdirSync(folder)).toHaveLength(2)
  await copy.sync()
  expect(await copy.query('SELECT Name FROM Attachment')).toEqual([{ Name: 'c.txt' }])
  expect(readdirSync(folder)).toEqual([`${one}.txt`])
})

it('are kept where the command line says, and left again', async () => {
  const org = await startTestOrg()
  const cwd = privateFolder()
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const sfbulk = (line: string) => run(line, { cwd, env })
  const account = (await (await org.call('POST', 'sobjects/Account', { Name: 'Engine' })).json()) as { id: string }
  await org.call('POST', 'sobjects/Attachment', { Name: 'a.txt', ParentId: account.id, Body: base64('first') })
  writeFileSync(join(cwd, 'sync.yaml'), 'objects: [{ object: Attachment, fields: [Name], files: sub/bodies }]\n')
  expect((await sfbulk('sync init crm.db --config sync.yaml')).stderr).toContain(
    'table Attachment: Id and 1 field, conflicts, files in sub/bodies',
  )
  expect((await sfbulk('sync pull crm.db')).stderr).toContain('all 1 row read: 1 written, 1 file fetched')
  const [name = ''] = readdirSync(join(cwd, 'sub', 'bodies'))
  expect(readFileSync(join(cwd, 'sub', 'bodies', name), 'utf8')).toBe('first')
  expect(await sfbulk('sync init other.db --object Lead --files bodies')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('Lead has no field that holds the content of files'),
  })
  expect(existsSync(join(cwd, 'other.db'))).toBe(false)
})

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

import { utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run, start } from '../support/run.ts'
import { type KillMoment, readRecords, runKilled, runUndisturbed, type Work } from './kill-and-resume.ts'

const parents = { line: 'insert Account seed.csv --api bulk', files: { 'seed.csv': 'Name\nOne\nTwo\n' } }
const count = 430

/** Three calls, a path that leads nowhere in each, and files that are the same but for their names. */
const attachments: Work = {
  line: 'attach list.csv --parallel-calls 2',
  seed: parents,
  async files(org) {
    const [one, two] = (await readRecords(org, 'SELECT Id FROM Account ORDER BY Name')).map(({ Id }) => String(Id))
    const rows = Array.from({ length: count }, (_, i) => {
      return `${i % 2 === 0 ? one : two},${i},${i % 150 === 7 ? 'nowhere' : `files/${i % 60}`}`
    })
    const bodies = Array.from({ length: 60 }, (_, i) => [`files/${i}`, `body ${i} `.repeat(i + 1)])
    return { ...Object.fromEntries(bodies), 'list.csv': `ParentId,Name,Body_FileURL\n${rows.join('\n')}\n` }
  },
  soql: 'SELECT Parent.Name, Name, BodyLength FROM Attachment',
}

/** Files that are linked to two records, some of which are none. */
const files: Work = {
  line: 'attach list.csv --as file --parallel-calls 1',
  seed: parents,
  async files(org) {
    const ids = (await readRecords(org, 'SELECT Id FROM Account ORDER BY Name')).map(({ Id }) => String(Id))
    const wrong = '001000000000000AAA'
    const rows = Array.from({ length: 260 }, (_, i) => {
      return `f${i}.txt,${i % 90 === 5 ? `${ids[0]};${wrong}` : ids.join(';')}`
    })
    const bodies = Array.from({ length: 260 }, (_, i) => [`f${i}.txt`, `body of ${i % 7}`])
    return { ...Object.fromEntries(bodies), 'list.csv': `VersionData,LinkedEntityId\n${rows.join('\n')}\n` }
  },
  soql: 'SELECT ContentDocument.Title, ShareType FROM ContentDocumentLink',
}

it.each<readonly [string, Work, readonly KillMoment[]]>([
  ['attachments, once', attachments, [{ requests: 2 }]],
  ['attachments, again and again', attachments, [{ entries: 3 }, { entries: 6 }, { entries: 9 }]],
  ['attachments, when the first call is in the result files', attachments, [{ entries: 7 }]],
  ['files, before they are linked', files, [{ entries: 4 }]],
  ['files, again and again', files, [{ entries: 3 }, { entries: 7 }, { entries: 10 }, { entries: 14 }]],
])('an attach of %s, that is killed and resumed ends with the same files', async (_, work, moments) => {
  const { kills, ...remains } = await runKilled(work, moments)
  expect(kills).toBeGreaterThan(0)
  expect(remains).toEqual(await runUndisturbed(work))
  expect(new Set(remains.writes)).toEqual(new Set([1]))
})

it('an attach is not carried on with a file that has changed since it was on its way', async () => {
  const stage = await killedAttach()
  writeFileSync(join(stage.cwd, 'a.txt'), 'changed')
  const { code, stderr } = await run('resume', stage)
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: expect.stringContaining('what would be sent is not what was sent'),
  })
  writeFileSync(join(stage.cwd, 'a.txt'), 'first')
  utimesSync(join(stage.cwd, 'a.txt'), stage.changed, stage.changed)
  expect((await run('resume', stage)).code).toBe(0)
})

/** One that died when its only call had been carried out and not been answered. */
async function killedAttach() {
  const org = await startTestOrg()
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const answer = await org.call('POST', 'sobjects/Account', { Name: 'One' })
  const { id } = (await answer.json()) as { id: string }
  const cwd = privateFolder()
  const changed = new Date('2026-01-01T00:00:00Z')
  writeFileSync(join(cwd, 'a.txt'), 'first')
  utimesSync(join(cwd, 'a.txt'), changed, changed)
  org.faults.add([{ method: 'POST', path: '/services/Soap', hang: 'after' }])
  const files = { 'list.csv': `ParentId,Body_FileURL\n${id},a.txt\n` }
  const { child } = await start('attach list.csv', { cwd, env, files })
  child.stderr?.resume()
  const ended = new Promise((resolve) => child.on('close', resolve))
  await vi.waitUntil(async () => (await readRecords(org, 'SELECT Id FROM Attachment')).length === 1, {
    timeout: 30_000,
  })
  child.kill('SIGKILL')
  await ended
  return { cwd, env, changed }
}

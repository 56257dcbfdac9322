import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { openDatabase, selectRows } from '../../src/sqlite/database.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, run, start } from '../support/run.ts'

const rows = Number(process.env.SOAK_SYNC_ROWS ?? 5_000)
const kills = Number(process.env.SOAK_SYNC_KILLS ?? 100)
const fields = 'LastName,Company,Title'

/** Instants by chance, from before the first request to after the last one; of a time that is measured first. */
const instants = Array.from(
  { length: Math.ceil(kills / 2) },
  (_, index) => Math.round(((index * 0.618_034) % 1) * 1_050) / 1_000,
)

describe(`a sync of ${rows} rows that is killed`, () => {
  it.each(
    instants,
  )('while it pulls, at %f of its time, leaves a sound file, and the next one has all rows', async (part) => {
    const copy = await openCopy()
    await copy.killAt('sync pull crm.db', part * (await timeOf('pull')))
    copy.expectSound()
    expect(await copy.sfbulk('sync pull crm.db -q')).toMatchObject({ code: 0, stderr: '' })
    copy.expectSound()
    expect(copy.here()).toEqual(await copy.there())
  })

  it.each(
    instants,
  )('while it pushes, at %f of its time, has sent nothing twice when the next one ends', async (part) => {
    const copy = await openCopy()
    await copy.sfbulk('sync pull crm.db -q')
    copy.edit()
    const expected = copy.here()
    await copy.killAt('sync run crm.db', part * (await timeOf('push')))
    copy.expectSound()
    const { code, stdout } = await copy.sfbulk('sync run crm.db --json')
    expect([code, stdout]).toEqual([0, expect.any(String)])
    expect(JSON.parse(stdout).objects[0]).toMatchObject({ pending: { create: 0, update: 0, delete: 0 }, rejects: 0 })
    expect(await copy.there()).toEqual(expected)
    expect(copy.here()).toEqual(expected)
  })
})

const times = new Map<string, Promise<number>>()

/** Milliseconds that the undisturbed command takes. */
function timeOf(what: 'pull' | 'push'): Promise<number> {
  const known = times.get(what)
  if (known !== undefined) return known
  const measured = (async () => {
    const copy = await openCopy()
    if (what === 'push') {
      await copy.sfbulk('sync pull crm.db -q')
      copy.edit()
    }
    const began = performance.now()
    await copy.sfbulk(what === 'pull' ? 'sync pull crm.db -q' : 'sync run crm.db -q')
    return performance.now() - began
  })()
  times.set(what, measured)
  return measured
}

async function openCopy() {
  const org = await startTestOrg()
  const cwd = privateFolder()
  const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
  const sfbulk = (line: string) => run(line, { cwd, env })
  const lines = Array.from({ length: rows }, (_, row) => `Row ${row},Engine,`)
  writeFileSync(join(cwd, 'leads.csv'), `${fields}\n${lines.join('\n')}\n`)
  await sfbulk('insert Lead leads.csv --success none -q')
  await sfbulk(`sync init crm.db --object Lead --fields ${fields} -q`)
  const inFile = <Result>(work: (file: ReturnType<typeof openDatabase>) => Result): Result => {
    const file = openDatabase(join(cwd, 'crm.db'))
    try {
      return work(file)
    } finally {
      file.close()
    }
  }
  const triggers = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger'"
  return {
    sfbulk,
    async killAt(line: string, milliseconds: number): Promise<void> {
      const { child } = await start(line, { cwd, env })
      const ended = once(child, 'exit')
      await Promise.race([ended, delay(milliseconds)])
      child.kill('SIGKILL')
      await ended
    },
    edit: () =>
      inFile((file) =>
        file.exec(`INSERT INTO Lead (LastName, Company) SELECT 'New ' || LastName, 'Navy' FROM Lead LIMIT 400;
          UPDATE Lead SET Title = 'edited' WHERE rowid % 7 = 0; DELETE FROM Lead WHERE rowid % 50 = 1`),
      ),
    here: () => inFile((file) => selectRows(file, `SELECT ${fields} FROM Lead ORDER BY LastName`)),
    there: () => readOrg(org),
    expectSound: () =>
      inFile((file) => {
        expect(selectRows(file, 'PRAGMA integrity_check')).toEqual([['ok']])
        expect(selectRows(file, triggers)).toEqual([[4]])
      }),
  }
}

/** What the org has, from its own file: reading it by its API would take most of the time. */
function readOrg(org: TestOrg) {
  const storage = openDatabase(org.data)
  try {
    return selectRows(storage, `SELECT ${fields} FROM Lead WHERE NOT IsDeleted ORDER BY LastName`)
  } finally {
    storage.close()
  }
}

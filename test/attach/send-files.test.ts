import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import pLimit from 'p-limit'
import { expect, it } from 'vitest'
import { callLimits } from '../../src/attach/cut-calls.ts'
import { planAttach } from '../../src/attach/plan.ts'
import { sendFiles } from '../../src/attach/send-files.ts'
import { StoredIds } from '../../src/attach/stored-ids.ts'
import { uploadLarge } from '../../src/attach/upload-large.ts'
import { discardPlan } from '../../src/load/plan.ts'
import { StopReason } from '../../src/load/stop-reason.ts'
import { findSoapCall } from '../../src/soap/calls.ts'
import { findColumns } from '../../src/soap/columns.ts'
import { openAttachingOrg } from './attach-to-org.ts'

it('breaks a large body off at Ctrl-C, and half of it is not stored', async () => {
  const { org, folder, write, query } = await openAttachingOrg()
  await write('large.bin', Buffer.alloc(5_000_000))
  const object = await org.describe('ContentVersion')
  const shape = { call: findSoapCall('insert'), object, columns: findColumns(['PathOnClient'], object) }
  const file = { path: join(folder, 'large.bin'), size: 5_000_000, changedAt: 0 }
  const row = { shape, body: 'VersionData', cells: ['large.bin'], file }
  const failure = { mayHaveArrived: false, error: { code: 'INTERRUPTED' } }
  await expect(uploadLarge(org, row, AbortSignal.abort())).rejects.toMatchObject({ failure })
  expect(await query('SELECT Id FROM ContentVersion')).toEqual([])
})

it('leaves a file that changed after it was found out of its call, and sends the others', async () => {
  const { org, folder, parent, write, query } = await openAttachingOrg()
  await write('a.txt', 'hello')
  await writeFile(join(folder, 'in.csv'), 'ParentId,Name,Body_FileURL\n')
  const plan = await planAttach(
    { operation: 'insert', storedAs: 'attachment', allowOutside: false, file: 'in.csv' },
    {
      org,
      runId: 'run-1',
      stdin: Readable.from([]),
      stdout: new Writable(),
      environment: {},
      folder,
      spoolFolder: folder,
      earlierRun: async () => undefined,
      report: () => {},
    },
  )
  const links = { records: [], shareType: '', visibility: '' }
  const row = (name: string, path: string, size: number) => {
    return { cells: [parent, name], file: { path: join(folder, path), size, changedAt: 0 }, links, bytes: 100 }
  }
  const rows = [row('sound', 'a.txt', 5), row('grown', 'a.txt', 4), row('shrunk', 'a.txt', 9), row('gone', 'b.txt', 5)]
  const place = { offset: 0, line: 1 }
  const part = {
    number: 1,
    from: place,
    to: place,
    rows: 4,
    sent: 4,
    bytes: 0,
    digest: '',
    places: undefined,
    keys: undefined,
  }
  const { signal } = new AbortController()
  const stop = new StopReason(signal)
  const { answers } = await sendFiles({ part, rows }, plan, {
    org,
    limits: callLimits,
    limit: pLimit(1),
    stop,
    signal,
    journal: undefined,
    stored: new StoredIds(undefined),
    findWritten: async () => [],
    pause: async () => {},
  })
  await discardPlan(plan.load)

  const path = join(folder, 'a.txt')
  expect(answers).toMatchObject([
    { verdict: 'accepted', id: expect.stringMatching(/^00P/), created: true },
    { verdict: 'rejected', id: '', error: `LOCAL:${path} changed while it was being read` },
    { verdict: 'rejected', id: '', error: `LOCAL:${path} changed while it was being read` },
    { verdict: 'rejected', id: '', error: `LOCAL:${join(folder, 'b.txt')} does not exist` },
  ])
  expect(await query('SELECT Name, BodyLength FROM Attachment')).toEqual([{ Name: 'sound', BodyLength: 5 }])
  expect(stop.stopped).toBe(false)
})

import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { runLoad } from '../../src/load/run-load.ts'
import { PartNotSent, type Transport } from '../../src/load/transport.ts'
import { failureKinds, NetworkError } from '../../src/org/network-error.ts'
import { RecordFailed } from '../../src/runs/journal-file.ts'
import type { RunEntry, TimedEntry } from '../../src/runs/run-entries.ts'
import { replayRun } from '../../src/runs/run-history.ts'
import type { RunJournal } from '../../src/runs/run-journal.ts'
import { accepted, echoingService } from './echoing-service.ts'
import { planInMemory } from './load-in-memory.ts'

/** More than is read ahead of an upload. */
const longInput = `Name\n${'a name of some length\n'.repeat(150_000)}`

const position = { offset: 5, line: 2 }

/** What an earlier process wrote of a run that it began: the job of its first part, which had not all of its rows. */
const begun: readonly RunEntry[] = [
  {
    type: 'started',
    version: 1,
    run: 'run-1',
    command: 'insert',
    sobject: 'Thing__c',
    call: { arguments: [], options: {}, folder: '/' },
    org: { name: 'test', instanceUrl: 'http://127.0.0.1', username: null },
    source: 'in.csv',
    input: { kind: 'none' },
    targets: { success: null, errors: null },
    api: 'bulk',
    limits: null,
    mapping: '',
  },
  { type: 'sending', key: '1', from: position, digest: null, rows: null },
  { type: 'job', key: '1', job: '750x1' },
]

function journalOf(entries: readonly RunEntry[], append: RunJournal['append'] = async () => {}): RunJournal {
  const timed = entries.map((entry): TimedEntry => ({ ...entry, at: '2026-01-31T12:00:00.000Z' }))
  return {
    canResume: true,
    hasSent: true,
    past: timed.length === 0 ? undefined : replayRun(timed),
    append,
    knownJobs: async () => new Set(),
    dropKeptData: async () => {},
    close: async () => {},
  }
}

async function load(input: string, transport: Transport, journal: RunJournal) {
  const { plan } = await planInMemory(input, { operation: 'insert' })
  return await runLoad(plan, { transport, report: () => {}, signal: new AbortController().signal, journal })
}

describe('a load that breaks off within a part of which the end is not known', () => {
  it('ends when a step cannot be written down', async () => {
    const transport = echoingService({ decide: (_, place) => accepted(place) })
    const journal = journalOf([], async ({ type }) => {
      if (type === 'sending') throw new RecordFailed('the disk is full', { code: 'DISK_FULL' })
    })
    await expect(load(longInput, transport, journal)).rejects.toThrow('the disk is full')
    expect(transport.jobs).toEqual([])
  })

  it('ends when the org cannot be asked what an earlier process has sent', async () => {
    const service = echoingService({ decide: (_, place) => accepted(place) })
    const takeUp = async () => {
      throw new Error('the org does not answer')
    }
    await expect(load(longInput, { ...service, takeUp }, journalOf(begun))).rejects.toThrow('the org does not answer')
    expect(service.jobs).toEqual([])
  })
})

describe('an input that cannot be read to its end', () => {
  /** Two rows can be read of it, each of which is a part. */
  async function loadHalf(journal?: RunJournal) {
    const { plan } = await planInMemory('Name\na\nb\n', { operation: 'insert' })
    const source = {
      ...plan.source,
      async *records() {
        yield* plan.source.records()
        throw new UsageError('cannot read in.csv: EIO', { code: 'FILE_UNREADABLE', hint: 'check the disk' })
      },
    }
    const transport = echoingService({ decide: (_, place) => accepted(place), maxRows: 1 })
    const load = runLoad(
      { ...plan, source },
      { transport, report: () => {}, signal: new AbortController().signal, journal },
    )
    return await load.catch((error: unknown) => error)
  }

  it('is a failure of the run when rows have been written, and no matter of usage', async () => {
    const failure = { code: 'FILE_UNREADABLE', exit: 'failed', hint: 'check the disk' }
    expect(await loadHalf(journalOf([]))).toMatchObject(failure)
  })
})

describe('a load that breaks off while rows that were locked are sent again', () => {
  it('waits to be carried on, as it does for the first job of the rows', async () => {
    const lock = { verdict: 'rejected', id: '', created: false, error: 'UNABLE_TO_LOCK_ROW:locked:--' } as const
    const service = echoingService({ decide: () => lock })
    const lost = new NetworkError(failureKinds.lost, 'test', true, undefined)
    const transport: Transport = {
      ...service,
      async send(...request) {
        if (service.jobs.length === 0) return await service.send(...request)
        throw new PartNotSent({ error: lost, mayHaveArrived: true, id: undefined })
      },
    }
    const { plan } = await planInMemory('Name\na\n', { operation: 'insert' })
    const tools = { report: () => {}, signal: new AbortController().signal, pause: async () => {} }
    const account = await runLoad(plan, { ...tools, transport, journal: journalOf([]) })
    expect(account).toMatchObject({ paused: true, error: { code: 'CONNECTION_LOST' }, rows: { read: 1, unknown: 1 } })
  })
})

import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { expect } from 'vitest'
import { faultKinds } from './fault-kinds.ts'
import { breakOrg, type FaultOrg, openFaultOrg, type Work } from './fault-org.ts'

/** A connection that falls silent is left out: how long that takes would have to be guessed on a busy machine. */
const kinds = Object.values(faultKinds).filter(({ hang }) => hang === undefined)

const rows = 60
const csvOf = (run: number) =>
  `ERP_Id__c,Name,Comment\n${Array.from({ length: rows }, (_, i) => `K-${i},"Run ${run}, row ${i}",note\n`).join('')}`

const upsert = (run: number, api: Work['api']): Work => ({
  api,
  operation: 'upsert',
  object: 'Account',
  externalId: 'ERP_Id__c',
  csv: csvOf(run),
})

/** Work in turn, and how many of its requests there are at least. */
const works: readonly { readonly requests: number; run(org: FaultOrg, run: number): Promise<void> }[] = [
  { requests: 3, run: async (org, run) => await expectLoaded(org, upsert(run, 'bulk')) },
  { requests: 1, run: async (org, run) => await expectLoaded(org, upsert(run, 'soap')) },
  {
    requests: 3,
    run: async (org, run) => {
      const { text, error } = await org.query('SELECT Name FROM Account', 'bulk')
      expect({ run, error }).toEqual({ run, error: undefined })
      expect(text?.split('\n')).toHaveLength(rows + 2)
    },
  },
]

async function expectLoaded(org: FaultOrg, work: Work): Promise<void> {
  const { account } = await org.load(work)
  expect(account.rows).toMatchObject({ read: rows, accepted: rows, rejected: 0, unknown: 0 })
}

/**
 * Does so many pieces of work over one connection, something going wrong in each of them, and looks for what is left over.
 * The same seed brings the same faults.
 */
export async function expectNoGrowth(runs: number, seed: number): Promise<void> {
  const org = await openFaultOrg()
  await org.load(upsert(0, 'bulk'))
  const random = randomNumbers(seed)
  const warm = Math.ceil(runs / 5)
  let before = { heap: 0, descriptors: 0, folders: 0 }
  for (let run = 1; run <= runs; run++) {
    const work = works[run % works.length]!
    const kind = kinds[Math.floor(random() * kinds.length)]!
    const nth = 1 + Math.floor(random() * work.requests)
    breakOrg(org, { ...kind, path: '^/services/(data/v|Soap)', nth })
    await work.run(org, run)
    if (run === warm) before = measure()
  }
  const after = measure()
  // Kept connections come and go by themselves; the list of requests that the test keeps takes some memory.
  expect(after.descriptors).toBeLessThanOrEqual(before.descriptors + 12)
  expect(after.heap - before.heap).toBeLessThan(25e6)
  // The folders of the loads are the test's own and are deleted with it; nothing else stays behind.
  expect(after.folders).toBeLessThanOrEqual(before.folders)
}

function measure() {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
  return { heap: process.memoryUsage().heapUsed, descriptors: countDescriptors(), folders: countResultFolders() }
}

/** 0 where the system does not tell. Source: proc(5). */
function countDescriptors(): number {
  try {
    return readdirSync('/proc/self/fd').length
  } catch {
    return 0
  }
}

function countResultFolders(): number {
  const inTests = readdirSync(tmpdir()).filter((name) => name.startsWith('sfbulk-fault-'))
  return inTests.flatMap((name) => entriesOf(name)).filter((name) => name.startsWith('sfbulk-results-')).length
}

function entriesOf(name: string): readonly string[] {
  try {
    return readdirSync(`${tmpdir()}/${name}`)
  } catch {
    return []
  }
}

/** Numbers from 0 up to 1 that look like chance: mulberry32. */
function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

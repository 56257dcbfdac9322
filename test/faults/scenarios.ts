import type { AnsweredRequest } from '../../src/local-org/org-options.ts'
import { type FaultOrg, type Loaded, type QueryEnd, type Work, withoutIds } from './fault-org.ts'

/** Work that is done once undisturbed and then again with a fault in each of its requests. */
export interface Scenario {
  readonly name: string
  /** What is there before. */
  prepare(org: FaultOrg): Promise<void>
  run(org: FaultOrg): Promise<Outcome>
  /** Query of what is there in the end. */
  readonly state: string
  /** Whether an answer that was lost leaves rows of which nobody can tell what became of them. */
  readonly mayStayUnknown?: boolean
}

/** What a user sees of it, without what differs from run to run. */
export interface Outcome {
  readonly files: readonly (string | undefined)[]
  readonly exit: string
  readonly unknown: number
}

const rows = (count: number, row: (index: number) => string) => Array.from({ length: count }, (_, i) => row(i)).join('')

/** Every fiftieth row has no name. */
const newAccounts = (count: number) =>
  `Name,ERP_Id__c,AnnualRevenue,Site,Comment\n${rows(count, (i) => `${i % 50 === 7 ? '' : `"Müller ""${i}"", & Co"`},K-${i},${i}.50,${'s'.repeat(60)},note ${i}\n`)}`

const changedAccounts = (count: number) => `ERP_Id__c,Name\n${rows(count, (i) => `K-${i},New name of ${i}\n`)}`

const insertWork = (count: number, more: Partial<Work> = {}): Work => ({
  api: 'bulk',
  operation: 'insert',
  object: 'Account',
  csv: newAccounts(count),
  ...more,
})

/** Fills the org with Accounts and gives their Ids. */
async function insertAccounts(org: FaultOrg, count: number): Promise<readonly string[]> {
  const { success = '' } = await org.load(insertWork(count, { api: 'soap' }))
  org.age('Account')
  return [...success.matchAll(/\b001\w{15}\b/g)].map(([id]) => id)
}

const outcomeOfLoad = ({ success, errors, account }: Loaded): Outcome => ({
  files: [withoutIds(success), withoutIds(errors)],
  exit: account.exit,
  unknown: account.rows.unknown,
})

const outcomeOfQuery = ({ text, error }: QueryEnd): Outcome => ({
  files: [text],
  exit: error === undefined ? 'done' : String(error),
  unknown: 0,
})

const nothing = async () => undefined
const allAccounts = 'SELECT Name, ERP_Id__c, AnnualRevenue, Site FROM Account ORDER BY ERP_Id__c'

function loadScenario(name: string, work: Work, more: Partial<Scenario> = {}): Scenario {
  return {
    name,
    prepare: nothing,
    run: async (org) => outcomeOfLoad(await org.load(work)),
    state: allAccounts,
    ...more,
  }
}

/** Loads that need the Ids of what is there. */
function changeScenario(name: string, work: (ids: readonly string[]) => Work, count: number): Scenario {
  let ids: readonly string[] = []
  return {
    name,
    prepare: async (org) => {
      ids = await insertAccounts(org, count)
    },
    run: async (org) => outcomeOfLoad(await org.load(work(ids))),
    state: allAccounts,
  }
}

export const bulkInserts: readonly Scenario[] = [
  loadScenario('insert by Bulk, one small job', insertWork(60)),
  loadScenario('insert by Bulk, two larger jobs', insertWork(400, { jobBytes: 25_000 })),
]

export const bulkChanges: readonly Scenario[] = [
  {
    ...loadScenario('upsert by Bulk', {
      api: 'bulk',
      operation: 'upsert',
      object: 'Account',
      externalId: 'ERP_Id__c',
      csv: newAccounts(300),
    }),
    prepare: async (org) => void (await insertAccounts(org, 20)),
  },
  changeScenario(
    'update by Bulk',
    (ids) => ({
      api: 'bulk',
      operation: 'update',
      object: 'Account',
      csv: `Id,Site\n${ids.map((id) => `${id},new\n`).join('')}`,
    }),
    60,
  ),
  changeScenario(
    'delete by Bulk',
    (ids) => ({ api: 'bulk', operation: 'delete', object: 'Account', csv: `Id\n${ids.join('\n')}\n` }),
    60,
  ),
]

export const soapLoads: readonly Scenario[] = [
  loadScenario('insert by SOAP', insertWork(250, { api: 'soap' })),
  loadScenario(
    'insert by SOAP, without a unique field',
    insertWork(250, { api: 'soap', csv: newAccounts(250).replaceAll(/,K-\d+,/g, ',,') }),
    { mayStayUnknown: true },
  ),
  {
    ...loadScenario('upsert by SOAP', {
      api: 'soap',
      operation: 'upsert',
      object: 'Account',
      externalId: 'ERP_Id__c',
      csv: changedAccounts(220),
    }),
    prepare: async (org) => {
      await org.load(insertWork(0, { api: 'soap', csv: changedAccounts(180).replaceAll('New', 'Old') }))
      org.age('Account')
    },
  },
  changeScenario(
    'update by SOAP',
    (ids) => ({
      api: 'soap',
      operation: 'update',
      object: 'Account',
      csv: `Id,Site,AnnualRevenue\n${ids.map((id, i) => `${id},${i % 40 === 3 ? 's'.repeat(300) : 'new'},${i}.5\n`).join('')}`,
    }),
    220,
  ),
  changeScenario(
    'delete by SOAP',
    (ids) => ({ api: 'soap', operation: 'delete', object: 'Account', csv: `Id\n${ids.join('\n')}\n` }),
    220,
  ),
]

const read = (name: string, run: Scenario['run']): Scenario => ({
  name,
  prepare: async (org) => void (await insertAccounts(org, 250)),
  run,
  state: allAccounts,
})

/** For an org with 100 rows on a page. */
export const queries: readonly Scenario[] = [
  read('query by Bulk', async (org) =>
    outcomeOfQuery(await org.query('SELECT Name, ERP_Id__c, Site FROM Account', 'bulk')),
  ),
  read('query by REST', async (org) =>
    outcomeOfQuery(await org.query('SELECT Site, COUNT(Id) FROM Account GROUP BY Site', 'bulk')),
  ),
  read('query by SOAP', async (org) =>
    outcomeOfQuery(await org.query('SELECT Name, ERP_Id__c FROM Account ORDER BY ERP_Id__c', 'soap')),
  ),
]

/** Where a fault is put: the `nth` request of this method and path from the beginning of the run. */
export interface RequestType {
  readonly method: string
  readonly path: string
  readonly nth: number
}

/**
 * The different requests of a run; of those that differ only in an Id or a cursor the first, of SOAP calls each, since they
 * share one address.
 */
export function typesOf(requests: readonly AnsweredRequest[]): readonly RequestType[] {
  const types = new Map<string, RequestType>()
  let soapCalls = 0
  for (const { method, path } of requests) {
    const [address = '', search] = path.split('?', 2)
    if (address.startsWith('/services/oauth2')) continue
    const isSoap = address.startsWith('/services/Soap/')
    const parameter = search === undefined ? '$' : `\\?${search.split('=')[0]}=`
    const pattern = `${address.replace(/\b[0-9a-zA-Z]{3}[0-9a-zA-Z]{12}(?:[A-Z0-5]{3})?\b/g, '\\w+')}${parameter}`
    const nth = isSoap ? ++soapCalls : 1
    const key = `${method} ${pattern} ${nth}`
    if (!types.has(key)) types.set(key, { method, path: pattern, nth })
  }
  return [...types.values()]
}

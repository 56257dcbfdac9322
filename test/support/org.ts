import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type { AnsweredRequest, OrgOptions } from '../../src/local-org/org-options.ts'
import { type LocalOrg, startOrg } from '../../src/local-org/server.ts'
import { openDatabase, selectRows } from '../../src/sqlite/database.ts'

/** A local org for one test, on a data file of its own, with a list of what was asked of it. */
export interface TestOrg extends LocalOrg {
  /** The SQLite file. */
  readonly data: string
  /** Requests in the order in which they were answered. */
  readonly requests: readonly AnsweredRequest[]
  /** Number of requests of a method whose path (with query) matches. */
  count(method: string, path: RegExp): number
  /** Number of requests that counted against the daily calls. */
  countedCalls(): number
  /** How often each record was written, by its Id; only with the option `ledger`. */
  writes(): ReadonlyMap<string, number>
  /** Sends a request with the standing access token. A body that is no text or bytes is sent as JSON. */
  call(method: string, path: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>
}

/**
 * Starts a local org for the running test. When the test ends the org is closed, its file deleted, and a fault that was
 * asked for and never fired fails the test.
 */
export async function startTestOrg(options: Partial<OrgOptions> = {}): Promise<TestOrg> {
  const data = options.data ?? join(await makeFolder(), 'org.db')
  const requests: AnsweredRequest[] = []
  const note = (request: AnsweredRequest): void => {
    requests.push(request)
    options.onRequest?.(request)
  }
  const org = await startOrg({ speed: 'instant', ...options, data, onRequest: note })
  onTestFinished(async () => {
    await org.close()
    const unfired = org.faults.unfired()
    if (unfired.length > 0) throw new Error(`Faults that never fired: ${JSON.stringify(unfired)}`)
  })
  return {
    ...org,
    data,
    requests,
    count: (method, path) => requests.filter((each) => each.method === method && path.test(each.path)).length,
    countedCalls: () => requests.filter((request) => request.counted).length,
    writes: () => readLedger(data),
    call: (method, path, body, headers = {}) => callOrg(org, method, path, body, headers),
  }
}

function readLedger(data: string): ReadonlyMap<string, number> {
  const storage = openDatabase(data)
  try {
    return new Map(
      selectRows(storage, 'SELECT record, writes FROM org_ledger').map(([id, writes]) => [String(id), Number(writes)]),
    )
  } finally {
    storage.close()
  }
}

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-org-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

async function callOrg(
  { url, accessToken }: LocalOrg,
  method: string,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>>,
): Promise<Response> {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array
  const type: Record<string, string> = body === undefined || isRaw ? {} : { 'Content-Type': 'application/json' }
  return fetch(new URL(path.startsWith('/') ? path : `/services/data/v66.0/${path}`, url), {
    method,
    headers: { Authorization: `Bearer ${accessToken}`, ...type, ...headers },
    ...(body === undefined ? {} : { body: isRaw ? Buffer.from(body) : JSON.stringify(body) }),
  })
}

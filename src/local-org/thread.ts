import { parentPort, workerData } from 'node:worker_threads'
import { loadSoqlParser } from './load-soql-parser.ts'
import { startOrg } from './server.ts'
import type { ThreadOrgOptions } from './start-in-thread.ts'

// The local org in a thread of its own: says how to connect to it, and closes it when it is told to. A failure is sent as data,
// since an error loses its code on the way between threads. No `await` stands outside a function: the executable's copy of
// this is CommonJS.
void serve()

async function serve(): Promise<void> {
  try {
    const { asksQueries, ...options } = workerData as ThreadOrgOptions
    const org = await startOrg(options)
    const { url, username, password, securityToken, accessToken, clientId, clientSecret } = org
    parentPort?.postMessage({ url, username, password, securityToken, accessToken, clientId, clientSecret })
    parentPort?.once('message', async () => {
      await org.close()
      parentPort?.close()
    })
    if (asksQueries === true) loadSoqlParser()
  } catch (error) {
    const { message, code } = error as { message?: unknown; code?: unknown }
    parentPort?.postMessage({ failure: { message: String(message ?? error), code } })
    parentPort?.close()
  }
}

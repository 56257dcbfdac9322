import { once } from 'node:events'
import { getAsset, isSea } from 'node:sea'
import { Worker } from 'node:worker_threads'
import type { OrgConnection, OrgOptions } from './org-options.ts'

/** A local org that a thread serves, so that its work and the client's do not wait for each other. */
export interface ThreadOrg extends OrgConnection {
  /** Stops serving, at once: jobs that are not done go on when the file is opened again. */
  close(): Promise<void>
}

/** Options without what cannot be handed to a thread. `asksQueries`: the parser of SOQL is loaded before the first query. */
export type ThreadOrgOptions = Omit<OrgOptions, 'onRequest'> & { readonly asksQueries?: boolean | undefined }

interface Failure {
  readonly message: string
  readonly code: unknown
}

/** Starts the thread whose program lies beside the bundle, or in the executable. Throws what opening the file throws. */
export async function startOrgInThread(options: ThreadOrgOptions, file?: URL): Promise<ThreadOrg> {
  const worker = isSea()
    ? new Worker(getAsset(threadName, 'utf8'), { workerData: options, eval: true })
    : new Worker(file ?? new URL(`./${threadName}.cjs`, import.meta.url), { workerData: options })
  const [answer] = (await once(worker, 'message')) as [OrgConnection | { readonly failure: Failure }]
  if ('failure' in answer) throw Object.assign(new Error(answer.failure.message), { code: answer.failure.code })
  // A client that ends without closing does not wait for the thread.
  worker.unref()
  return {
    ...answer,
    async close() {
      const exited = once(worker, 'exit')
      worker.ref()
      worker.postMessage('close')
      await exited
    },
  }
}

const threadName = 'local-org-thread'

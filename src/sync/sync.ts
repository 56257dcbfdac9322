import { type ExpectedError, UsageError } from '../errors.ts'
import { replaceReferences } from './local-ids.ts'
import { type PullOptions, type PullResult, pullObject } from './pull.ts'
import { type PushCounts, type PushOptions, pushObjects } from './push.ts'
import { settlePushes } from './settle-pushes.ts'
import { readStatus, type SyncStatus } from './status.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'

export interface SyncOptions extends PullOptions, PushOptions {
  readonly pull: boolean
  readonly push: boolean
  /** Names of the objects that are synced; all without it. */
  readonly only?: readonly string[] | undefined
}

/** What came of a sync. */
export interface SyncAccount {
  /** By the object's name; none for what was not asked for. */
  readonly pulled: ReadonlyMap<string, PullResult>
  readonly pushed: ReadonlyMap<string, PushCounts>
  readonly status: SyncStatus
  /** What ended the sync before its time. */
  readonly error: ExpectedError | undefined
}

/**
 * SETTLE what an earlier sync left open → PUSH what was edited here → PULL what was changed in the org.
 *
 * The push looks at the records that it writes, so that conflicts are found before anything is overwritten; the pull after it
 * brings what the org made of the pushed rows. Every step commits what it knows, so that a sync may be broken off anywhere.
 */
export async function runSync(tools: SyncTools, options: SyncOptions): Promise<SyncAccount> {
  const { file } = tools
  const objects = chooseObjects(file, options.only)
  await settlePushes(tools)
  file.apply(() => replaceReferences(file))
  const pushed = options.push ? await pushObjects(tools, objects, options) : { counts: new Map(), error: undefined }
  const pulled = new Map<string, PullResult>()
  if (options.pull && pushed.error === undefined) {
    for (const object of objects) {
      tools.signal.throwIfAborted()
      pulled.set(object.name, await pullObject(tools, object, options))
    }
  }
  return { pulled, pushed: pushed.counts, status: readStatus(file), error: pushed.error }
}

/** Throws `UsageError` for an object that the file does not have. */
function chooseObjects(file: SyncFile, names: readonly string[] | undefined): readonly SyncObject[] {
  const all = file.objects()
  const chosen = names?.map((wanted) => {
    const found = all.find(({ name }) => name.toLowerCase() === wanted.toLowerCase())
    if (found !== undefined) return found
    throw new UsageError(`${file.name} has no object ${wanted}`, {
      code: 'UNKNOWN_OBJECT',
      hint: `it has ${all.map(({ name }) => name).join(', ')}; add one: \`sfbulk sync add ${file.name} --object ${wanted}\``,
    })
  })
  return chosen === undefined ? all : all.filter((object) => chosen.includes(object))
}

import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ObjectDescription } from './object-description.ts'

/** Descriptions kept on disk from one run to the next, so that most runs need not ask for them. */
export interface DescribeCache {
  /** What else is kept for this user of this org may lie here, too, in a folder of its own. */
  readonly folder: string
  /** Undefined when there is none, or it is too old. */
  read(object: string): Promise<ObjectDescription | undefined>
  /** Never fails: what cannot be kept is asked for again. */
  keep(description: ObjectDescription): Promise<void>
  drop(object: string): Promise<void>
}

export interface CacheOptions {
  /** As `describeFolder` names it. */
  readonly folder: string
  /** Descriptions differ by version. */
  readonly apiVersion: string
  /** Milliseconds since 1970. */
  readonly now: () => number
}

/** After an hour the org is asked again: who adds a field and has no use for it at once rarely notices. */
const lifetime = 3_600_000

/** Opens the cache of one user in one org; its folder is made when something is kept, for its owner alone. */
export function openDescribeCache({ folder, apiVersion, now }: CacheOptions): DescribeCache {
  const pathOf = (object: string) => join(folder, `${object.toLowerCase()}-v${apiVersion}.json`)
  return {
    folder,
    async read(object) {
      if (!/^\w+$/.test(object)) return undefined
      const entry = await readEntry(pathOf(object))
      const age = now() - (entry?.askedAt ?? 0)
      return entry !== undefined && age >= 0 && age < lifetime ? entry.description : undefined
    },
    async keep(description) {
      const path = pathOf(description.name)
      const partial = `${path}.${process.pid}.partial`
      const entry: Entry = { version: 1, askedAt: now(), description }
      try {
        await mkdir(folder, { recursive: true, mode: 0o700 })
        await writeFile(partial, JSON.stringify(entry), { mode: 0o600 })
        await rename(partial, path)
      } catch {
        await rm(partial, { force: true }).catch(() => undefined)
      }
    },
    drop: (object) => rm(pathOf(object), { force: true }).catch(() => undefined),
  }
}

/**
 * Folder of the descriptions that a user of an org sees. `identity`: what tells the two from others, such as host and user
 * name; it may be a secret, of which the name then shows nothing.
 */
export function describeFolder(home: string, label: string, identity: readonly string[]): string {
  const hash = createHash('sha256').update(identity.join('\n')).digest('hex').slice(0, 16)
  return join(home, 'cache', 'describe', `${label.replace(/[^\w.-]/g, '_')}-${hash}`)
}

/** The descriptions that any user of this machine's account has kept of any org, the latest first; for completion alone. */
export async function listKeptDescriptions(home: string): Promise<readonly ObjectDescription[]> {
  const folder = join(home, 'cache', 'describe')
  const names = await readdir(folder, { recursive: true }).catch(() => [])
  const entries = await Promise.all(
    names.filter((name) => name.endsWith('.json')).map((name) => readEntry(join(folder, name))),
  )
  return entries
    .filter((entry) => entry !== undefined)
    .sort((a, b) => b.askedAt - a.askedAt)
    .map(({ description }) => description)
}

interface Entry {
  readonly version: 1
  /** Milliseconds since 1970. */
  readonly askedAt: number
  readonly description: ObjectDescription
}

/** A file that is damaged, or of another version of this program, counts as none. */
async function readEntry(path: string): Promise<Entry | undefined> {
  try {
    const entry = JSON.parse(await readFile(path, 'utf8')) as Partial<Entry>
    const { version, askedAt, description } = entry
    if (version !== 1 || typeof askedAt !== 'number' || !Array.isArray(description?.fields)) return undefined
    return { version, askedAt, description }
  } catch {
    return undefined
  }
}

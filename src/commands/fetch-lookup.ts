import { createHash } from 'node:crypto'
import { chmod, mkdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { extract } from '../extract/extract.ts'
import type { Org } from '../org/org.ts'

/** After ten minutes the org is asked again. A load that changes records drops what is kept at once (`dropLookups`). */
const lifetime = 600_000

export interface LookupTools {
  readonly org: Org
  /** Private folder of the run, for an org of which nothing is kept. */
  readonly spoolFolder: string
  readonly signal: AbortSignal
  /** Whether what an earlier run has kept does not count. */
  readonly fresh: boolean
}

/**
 * Fetches the rows of a query that values are looked up in, unless an earlier run has kept them, and gives the path of the CSV. The
 * file is private. Throws what `extract` throws.
 */
export async function fetchLookup(soql: string, { org, spoolFolder, signal, fresh }: LookupTools): Promise<string> {
  const folder = lookupFolder(org) ?? spoolFolder
  const hash = createHash('sha256').update(soql).digest('hex').slice(0, 24)
  const path = join(folder, `lookup-${hash}.csv`)
  if (!fresh && (await isRecent(path))) return path
  await mkdir(folder, { recursive: true, mode: 0o700 })
  // Two runs that fetch the same rows must not write into one file.
  const output = join(folder, `lookup-${hash}.${process.pid}.csv`)
  try {
    await extract({ soql, all: false, names: new Map(), output }, { org, signal, report: () => undefined })
    await chmod(output, 0o600)
    await rename(output, path)
  } finally {
    await Promise.all([output, `${output}.partial`].map((each) => rm(each, { force: true })))
  }
  return path
}

/** Drops the rows that were kept for lookups: the org has other records now. */
export async function dropLookups(org: Org): Promise<void> {
  const folder = lookupFolder(org)
  if (folder !== undefined) await rm(folder, { recursive: true, force: true }).catch(() => undefined)
}

function lookupFolder({ cacheFolder }: Org): string | undefined {
  return cacheFolder === undefined ? undefined : join(cacheFolder, 'lookups')
}

async function isRecent(path: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  const age = Date.now() - (found?.mtimeMs ?? 0)
  return found !== undefined && age >= 0 && age < lifetime
}

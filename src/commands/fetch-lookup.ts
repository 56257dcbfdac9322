import { createHash } from 'node:crypto'
import { chmod, copyFile, link, mkdir, rename, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { extract } from '../extract/extract.ts'
import type { Org } from '../org/org.ts'

/** After ten minutes the org is asked again. A load that changes records drops what is kept at once (`dropLookups`). */
const lifetime = 600_000

export interface LookupTools {
  readonly org: Org
  /** Private folder of the process, for an org of which nothing is kept. */
  readonly spoolFolder: string
  /** Where the run keeps them until it has ended, so that it can be carried on with the same; undefined for none. */
  readonly keepFolder: string | undefined
  readonly signal: AbortSignal
  /** Whether what an earlier run has kept does not count. */
  readonly fresh: boolean
}

/**
 * Fetches the rows of a query that values are looked up in, unless this run or an earlier one has kept them, and gives the path of
 * the CSV, which its owner alone can read. Throws what `extract` throws.
 */
export async function fetchLookup(soql: string, tools: LookupTools): Promise<string> {
  const { org, spoolFolder, keepFolder, fresh } = tools
  const name = `${createHash('sha256').update(soql).digest('hex').slice(0, 24)}.csv`
  const kept = keepFolder === undefined ? undefined : join(keepFolder, name)
  if (kept !== undefined && (await stat(kept).catch(() => undefined)) !== undefined) return kept
  const path = join(lookupFolder(org) ?? spoolFolder, name)
  if (fresh || !(await isRecent(path))) await fetchRows(soql, path, tools)
  if (kept === undefined) return path
  await mkdir(dirname(kept), { recursive: true, mode: 0o700 })
  // A second name costs no room; not every disk has such.
  await link(path, kept).catch(() => copyFile(path, kept))
  return kept
}

async function fetchRows(soql: string, path: string, { org, signal }: LookupTools): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  // Two runs that fetch the same rows must not write into one file.
  const output = path.replace(/csv$/, `${process.pid}.csv`)
  try {
    await extract({ soql, all: false, names: new Map(), output }, { org, signal, report: () => undefined })
    await chmod(output, 0o600)
    await rename(output, path)
  } finally {
    await Promise.all([output, `${output}.partial`].map((each) => rm(each, { force: true })))
  }
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

import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What is kept of a run, in `SFBULK_HOME/runs/<id>.json`, readable by its owner alone. No secrets and no row data. */
export interface RunRecord {
  readonly version: 1
  readonly run: string
  readonly operation: string
  readonly sobject: string
  readonly org: string
  /** The input as given, or `stdin`. */
  readonly source: string
  /** ISO 8601. */
  readonly startedAt: string
  readonly endedAt: string
  readonly jobs: readonly string[]
  readonly rows: Readonly<Record<string, number>>
  /** Absolute paths of the result files; null where there is none. */
  readonly files: { readonly success: string | null; readonly errors: string | null }
  readonly exitCode: number
}

/** Writes a run's record; a reader never sees half of it. */
export async function saveRun(home: string, record: RunRecord): Promise<void> {
  const folder = runsFolder(home)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, `${record.run}.json`)
  await writeFile(`${path}.partial`, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 })
  await rename(`${path}.partial`, path)
}

/** Id of the latest run that wrote this result file; undefined when no record tells. `path`: absolute. */
export async function findRunOfFile(home: string, path: string): Promise<string | undefined> {
  const names = await readdir(runsFolder(home)).catch(() => [])
  // Run ids begin with their time, so the latest come first.
  const latestFirst = names
    .filter((name) => name.endsWith('.json'))
    .sort()
    .reverse()
  for (const name of latestFirst) {
    const record = await readRecord(join(runsFolder(home), name))
    if (record && [record.files.success, record.files.errors].includes(path)) return record.run
  }
  return undefined
}

function runsFolder(home: string): string {
  return join(home, 'runs')
}

/** A record that is damaged or of a later version tells nothing: it must not keep a load from running. */
async function readRecord(path: string): Promise<RunRecord | undefined> {
  try {
    const record = JSON.parse(await readFile(path, 'utf8')) as RunRecord
    return record.version === 1 ? record : undefined
  } catch {
    return undefined
  }
}

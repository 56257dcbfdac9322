import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'

/** Folder of all runs. */
export function runsFolder(home: string): string {
  return join(home, 'runs')
}

/** Folder of one run: its journal, its lock, and the input that it keeps. */
export function runFolder(home: string, run: string): string {
  return join(runsFolder(home), run)
}

export function journalPath(folder: string): string {
  return join(folder, 'journal.jsonl')
}

/** Where the input of a run is kept when it came once: standard input, a pipe. */
export function keptInputFolder(folder: string): string {
  return join(folder, 'input')
}

/** Where the Ids that a `--where` selected are kept. */
export function selectionFolder(folder: string): string {
  return join(folder, 'selection')
}

/** Where the records of the org are kept that rows are compared with. */
export function currentFolder(folder: string): string {
  return join(folder, 'current')
}

/** Where the rows of a query are kept that a mapping looks values up in: what is sent again must be what was sent. */
export function lookupsFolder(folder: string): string {
  return join(folder, 'lookups')
}

/** Makes the folder of a run, which its owner alone can enter. One by one: to make all at once hides why one cannot be made. */
export async function makeRunFolder(home: string, run: string): Promise<string> {
  const folder = runFolder(home, run)
  for (const path of [runsFolder(home), folder]) {
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  }
  return folder
}

/** Deletes what a run keeps only to be carried on. */
export async function dropKeptData(folder: string): Promise<void> {
  await rm(keptInputFolder(folder), { recursive: true, force: true })
  await rm(selectionFolder(folder), { recursive: true, force: true })
  await rm(currentFolder(folder), { recursive: true, force: true })
  await rm(lookupsFolder(folder), { recursive: true, force: true })
}

/** A new name in a folder is safe only when the folder is on disk, too. Systems that cannot flush a folder need not. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

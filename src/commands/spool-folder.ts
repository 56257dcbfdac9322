import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * A folder of its own for what a process keeps of a run only while it lives. `resumed`: the run is carried on, and what
 * earlier processes of it have left is deleted, since a process that is killed cannot do so itself.
 */
export async function makeSpoolFolder(run: string, resumed: boolean): Promise<string> {
  const parent = tmpdir()
  const prefix = `sfbulk-${run}-`
  const left = resumed ? (await readdir(parent)).filter((name) => name.startsWith(prefix)) : []
  for (const name of left) await rm(join(parent, name), { recursive: true, force: true })
  return await mkdtemp(join(parent, prefix))
}

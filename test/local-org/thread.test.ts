import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startOrgInThread } from '../../src/local-org/start-in-thread.ts'

/** The bundle that `npm run build` makes: a thread cannot run the sources. */
const bundle = new URL('../../dist/local-org-thread.cjs', import.meta.url)

async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sfbulk-thread-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

describe('a local org in a thread', () => {
  it('serves until it is closed', async () => {
    const org = await startOrgInThread({ data: join(await makeFolder(), 'org.db') }, bundle)
    const headers = { Authorization: `Bearer ${org.accessToken}` }
    const limits = `${org.url}/services/data/v66.0/limits`
    expect((await fetch(limits, { headers })).status).toBe(200)
    await org.close()
    await expect(fetch(limits, { headers })).rejects.toThrow('fetch failed')
  })

  it('says why it cannot start', async () => {
    await expect(startOrgInThread({ data: join(await makeFolder(), 'no', 'org.db') }, bundle)).rejects.toThrow('open')
  })
})

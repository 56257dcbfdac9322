import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { run } from '../support/run.ts'

async function openOrg() {
  const org = await startTestOrg()
  const answer = await org.call('POST', 'sobjects/Account', { Name: 'Parent' })
  const { id } = (await answer.json()) as { id: string }
  return { org, parent: id, env: { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken } }
}

describe('sfbulk attach', () => {
  it('uploads files of 1 KB, 5 MB and 20 MB, says which is missing, and gets them back as they were', async () => {
    const { parent, env } = await openOrg()
    const bodies = [1_000, 5_000_000, 20_000_000].map((size) => randomBytes(size))
    const rows = [0, 1, 'missing', 2].map((name) => `${parent},files/${name}.bin\n`)
    const up = await run('attach list/manifest.csv --json', {
      env,
      files: {
        ...Object.fromEntries(bodies.map((body, index) => [`list/files/${index}.bin`, body])),
        'list/manifest.csv': `ParentId,Body_FileURL\n${rows.join('')}`,
      },
    })
    expect(up.code).toBe(3)
    expect(JSON.parse(up.stdout)).toMatchObject({
      operation: 'insert',
      sobject: 'Attachment',
      api: 'soap',
      rows: { read: 4, sent: 3, accepted: 3, rejected: 1, unknown: 0 },
      files: { success: 'list/manifest.success.csv', errors: 'list/manifest.errors.csv' },
      // One describes the object, one asks for the org's limit; 25 MB in base64 fit into one envelope.
      apiCalls: 3,
    })
    expect(up.files['list/manifest.errors.csv']).toBe(
      `ParentId,Body_FileURL,sf__Line,sf__Id,sf__Error\n${parent},files/missing.bin,4,,"LOCAL:the file files/missing.bin does not exist"\n`,
    )
    expect(up.stderr).toContain('sfbulk attach list/manifest.errors.csv\n')

    const down = await run('attach --download "SELECT Id FROM Attachment" --to back --json', { env, cwd: up.cwd })
    expect([down.code, JSON.parse(down.stdout)]).toEqual([
      0,
      expect.objectContaining({ rows: 3, bytes: 25_001_000, files: { manifest: 'back/manifest.csv', errors: null } }),
    ])
    for (const [index, body] of bodies.entries()) {
      expect(readFileSync(join(up.cwd, 'back', `${index}.bin`)).equals(body)).toBe(true)
    }
  })

  it('reads a manifest from standard input, whose paths stand in the current folder', async () => {
    const { org, parent, env } = await openOrg()
    const { code, files } = await run('attach - --as file', {
      env,
      stdin: `VersionData,LinkedEntityId\na.txt,${parent}\n`,
      files: { 'a.txt': 'a' },
    })
    expect([code, Object.keys(files)]).toEqual([0, ['ContentVersion.insert.success.csv', 'a.txt']])
    expect(org.count('POST', /Soap/)).toBe(1)
  })

  it.each([
    ['attach manifest.csv -i Id', '--external-id needs --operation upsert'],
    ['attach --to out', '--to needs --download'],
    ['attach --download "SELECT Id FROM Attachment"', '--download needs --to'],
    ['attach manifest.csv --download "SELECT Id FROM Attachment" --to out', '--download reads no manifest'],
    ['attach --as file --download "SELECT Id FROM Attachment" --to out', 'cannot be used with'],
    ['attach none.csv', 'none.csv'],
  ])('%s is refused', async (line, message) => {
    const { env } = await openOrg()
    const { code, stderr } = await run(line, { env, files: { 'manifest.csv': 'ParentId,Body_FileURL\n' } })
    expect([code, stderr]).toEqual([2, expect.stringContaining(message)])
  })
})

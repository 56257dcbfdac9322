import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describe, expect, onTestFinished, test } from 'vitest'
import { openConnectionStore } from '../../src/connections/connection-store.ts'
import type { Keychain } from '../../src/connections/keychain.ts'
import { keepRefreshTokens, tokenKey } from '../../src/connections/refresh-tokens.ts'
import { saveConnection } from '../../src/connections/save-connection.ts'

const values = new Map(
  Object.entries({ SF_CLIENT_ID: 'id', SF_REFRESH_TOKEN: '5Aep1', SF_JWT_KEY_FILE: 'a.key' }).map(([name, text]) => [
    name,
    { text, origin: 'environment' },
  ]),
)
const facts = {
  username: 'ada',
  organizationId: '00D',
  instanceUrl: 'https://x',
  title: 'refresh token',
  protected: false,
}
const session = { accessToken: '00D!x', instanceUrl: 'https://x' }

/** A keychain in memory; `null` stands for a machine without one. */
async function open(entries: Map<string, string> | null) {
  const home = await mkdtemp(join(tmpdir(), 'store-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  const keychain: Keychain = {
    put: async (account, secret) => entries?.set(account, secret) !== undefined,
    get: async (account) => entries?.get(account),
    remove: async (account) => void entries?.delete(account),
  }
  return {
    store: openConnectionStore(home, keychain),
    home,
    text: () => readFile(join(home, 'connections.json'), 'utf8'),
  }
}

describe('the secrets of a saved connection', () => {
  test('go to the keychain where there is one, and so do those that come in their place', async () => {
    const entries = new Map<string, string>()
    const { store, text } = await open(entries)
    expect(await saveConnection(store, 'prod', values, facts, '/keys')).toBe('keychain')
    const tokens = keepRefreshTokens(store, '5Aep1')
    await tokens.exchange(async () => ({ session, rotated: '5Aep2' }))
    expect(await text()).not.toContain('5Aep')
    expect([...entries.values()]).toEqual(['{"SF_REFRESH_TOKEN":"5Aep1"}', '5Aep2'])
    const used: string[] = []
    await tokens.exchange(async (token) => ({ session, rotated: used.push(token) > 1 ? 'x' : undefined }))
    expect(used).toEqual(['5Aep2'])

    const { connections, rotated } = await store.read()
    const saved = connections.prod
    expect(saved?.variables).toEqual({ SF_CLIENT_ID: 'id', SF_JWT_KEY_FILE: '/keys/a.key' })
    expect(saved && (await store.secretsOf('prod', saved))).toEqual({ SF_REFRESH_TOKEN: '5Aep1' })
    expect(await store.without('prod', tokenKey('5Aep1'), { connections, rotated })).toEqual({
      connections: {},
      rotated: {},
    })
    expect(entries.size).toBe(0)
  })

  test('go to a file that its owner alone can read where there is none', async () => {
    const { store, home, text } = await open(null)
    expect(await saveConnection(store, 'prod', values, facts, '/keys')).toBe('file')
    expect(await text()).toContain('5Aep1')
    for (const name of await readdir(home)) expect((await stat(join(home, name))).mode & 0o777).toBe(0o600)
  })

  test('that the keychain has lost are an error that says how to go on', async () => {
    const entries = new Map<string, string>()
    const { store } = await open(entries)
    await saveConnection(store, 'prod', values, facts, '/keys')
    entries.clear()
    const { connections } = await store.read()
    const saved = connections.prod
    await expect(saved && store.secretsOf('prod', saved)).rejects.toMatchObject({
      code: 'KEYCHAIN',
      exitCode: 4,
      hint: expect.stringContaining('sfbulk login'),
    })
  })
})

describe('the file of saved connections', () => {
  test.each([
    '',
    'null',
    '{"version":2,"connections":{},"rotated":{}}',
    '{',
  ])('that holds %o is left as it is', async (content) => {
    const { store, home, text } = await open(null)
    await writeFile(join(home, 'connections.json'), content)
    await expect(store.read()).rejects.toMatchObject({ code: 'CONNECTIONS_FILE', exitCode: 2 })
    await expect(saveConnection(store, 'prod', values, facts, '/')).rejects.toMatchObject({ code: 'CONNECTIONS_FILE' })
    expect(await text()).toBe(content)
  })

  test('keeps what many changes at once have put into it', async () => {
    const { store } = await open(null)
    const aliases = Array.from({ length: 12 }, (_, index) => `org-${index}`)
    await Promise.all(aliases.map((alias) => saveConnection(store, alias, values, facts, '/')))
    expect(Object.keys((await store.read()).connections).sort()).toEqual([...aliases].sort())
  })

  test('is free again when the process that held it is killed', async () => {
    const { store, home } = await open(null)
    const libsql = pathToFileURL(join(process.cwd(), 'node_modules/libsql/index.js')).href
    const script = `
      import Database from ${JSON.stringify(libsql)}
      const lock = new Database(${JSON.stringify(join(home, 'connections.json.lock'))}, { timeout: 0 })
      lock.exec('BEGIN EXCLUSIVE'); console.log('held'); setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', script])
    onTestFinished(() => void child.kill('SIGKILL'))
    await new Promise((resolve) => child.stdout.once('data', resolve))
    const saved = saveConnection(store, 'prod', values, facts, '/')
    child.kill('SIGKILL')
    expect(await saved).toBe('file')
  })
})

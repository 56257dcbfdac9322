import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { clientsFolder, findNode } from '../support/clients.ts'
import { privateFolder } from '../support/run.ts'

// The newest of the Nodes: executables are made with that. Takes ten seconds, so it goes with the programs of other makers.
const node = existsSync(clientsFolder) ? (findNode(24) ?? findNode(22)) : undefined
if (node === undefined) console.warn('Skipped: Node 24 is not installed; node scripts/clients.js does it')

it('the executable alone, in an empty folder and without Node, answers, loads, queries and keeps a copy', {
  skip: node === undefined,
  timeout: 180_000,
}, () => {
  const folder = privateFolder()
  const file = join(folder, 'sfbulk')
  execFileSync(node ?? '', ['scripts/executable.js', file], { stdio: 'pipe' })
  const env = { SFBULK_HOME: join(folder, 'home'), SFBULK_KEYCHAIN: 'none', TMPDIR: folder }
  const run = (...words: string[]) => {
    const { status, stdout, stderr } = spawnSync(file, words, { cwd: folder, encoding: 'utf8', env })
    return { status, stdout, stderr }
  }
  const { version } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(run('--version')).toEqual({ status: 0, stdout: `${version}\n`, stderr: '' })
  expect(run('upsert', '--help').stdout).toMatch(/^Usage: sfbulk upsert/)
  writeFileSync(join(folder, 'leads.csv'), 'LastName,Company\nÅkesson,One\nB,\n')
  const loaded = run('insert', 'Lead', 'leads.csv', '-o', 'local', '--api', 'bulk', '-q')
  expect(loaded).toEqual({ status: 3, stdout: '', stderr: '' })
  const queried = run('query', 'SELECT LastName, Company FROM Lead', '-o', 'local', '-q')
  expect(queried).toEqual({ status: 0, stdout: '"LastName","Company"\n"Åkesson","One"\n', stderr: '' })
  expect(run('map', 'Lead', 'leads.csv', '-o', 'local', '-q').stdout).toMatch(/^# Proposed for leads.csv/)
  expect(run('sync', 'init', 'copy.db', '--object', 'Lead', '--fields', 'LastName', '-o', 'local', '-q')).toMatchObject(
    {
      status: 0,
    },
  )
  expect(run('sync', 'pull', 'copy.db', '-o', 'local', '-q')).toMatchObject({ status: 0, stderr: '' })
  expect(run('upsrt')).toMatchObject({ status: 2 })
})

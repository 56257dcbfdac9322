import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { renderConfigSchema } from '../../src/commands/config-schema.ts'
import { configKeys } from '../../src/connections/config-file.ts'
import { privateFolder, run } from '../support/run.ts'

const name = 'sfbulk.config.yaml'

/** A folder with a config file of its own and one of the user. */
function makeFolder(project: string, user = ''): string {
  const cwd = privateFolder()
  mkdirSync(`${cwd}.home`)
  writeFileSync(`${cwd}/${name}`, project)
  if (user !== '') writeFileSync(`${cwd}.home/${name}`, user)
  return cwd
}

async function settingsOf(cwd: string, env: Record<string, string> = {}) {
  const { stdout } = await run('config --json', { cwd, env })
  const { settings } = JSON.parse(stdout) as { settings: { name: string; value: string | null; origin: string }[] }
  return Object.fromEntries(settings.map((each) => [each.name, [each.value, each.origin]]))
}

describe('the config files', () => {
  test('give options their values: what was typed, then the environment, .env, project, user, default', async () => {
    const cwd = makeFolder(
      'target-org: project\nparallel-jobs: 2\n',
      'target-org: user\nwait: 7.5\napi-version: 60.0\n',
    )
    const project = `${cwd}/${name}`
    const user = `${cwd}.home/${name}`
    expect(await settingsOf(cwd)).toMatchObject({
      'target-org': ['project', project],
      'api-version': ['60.0', user],
      'parallel-jobs': ['2', project],
      wait: ['7.5', user],
      'job-bytes': ['100000000', 'default'],
      api: ['auto', 'default'],
      'max-api-calls': [null, 'default'],
    })
    writeFileSync(`${cwd}/.env`, 'SF_TARGET_ORG=file\n')
    expect((await settingsOf(cwd))['target-org']).toEqual(['file', `SF_TARGET_ORG (${cwd}/.env)`])
    const env = { SF_TARGET_ORG: 'local' }
    expect((await settingsOf(cwd, env))['target-org']).toEqual(['local', 'SF_TARGET_ORG (environment)'])
    expect((await run('limits --json', { cwd, env })).code).toBe(0)
  })

  test('choose the org and the API version of every command', async () => {
    const cwd = makeFolder('target-org: local\napi-version: 58.0\n')
    const { code, stderr } = await run('limits -v', { cwd })
    expect(code).toBe(0)
    expect(stderr).toContain(`connecting by local org, by ${cwd}/${name}`)
    expect(stderr).toContain('GET /services/data/v58.0/limits')
    expect((await run('limits -v --api-version 60.0', { cwd })).stderr).toContain('v60.0/limits')
  })

  test('stand back behind a login of the environment', async () => {
    const cwd = makeFolder('target-org: local\n')
    const { stderr } = await run('limits', { cwd, env: { SF_USERNAME: 'ada' } })
    expect(stderr).toContain('lacks SF_PASSWORD')
  })

  test('set options of a write, unless they were typed or cannot stand beside one that was', async () => {
    const cwd = makeFolder('target-org: local\nnull-value: "-"\nquiet: true\n')
    writeFileSync(`${cwd}/accounts.csv`, 'Name,ERP_Id__c,Phone\nAda,C1,-\n')
    const load = 'upsert Account accounts.csv -i ERP_Id__c'
    expect(await run(load, { cwd })).toMatchObject({ code: 0, stderr: '' })
    const soql = `query "SELECT Name FROM Account WHERE ERP_Id__c = 'C1' AND Phone = null"`
    expect((await run(soql, { cwd })).stdout).toBe('"Name"\n"Ada"\n')
    expect((await run(`${load} --null-value x`, { cwd })).code).toBe(0)
    expect((await run(soql, { cwd })).stdout).toBe('"Name"\n')
    expect((await run('limits -v', { cwd })).stderr).toContain('connecting by')
  })

  test.each([
    ['paralel-jobs: 3\n', /line 1: there is no setting paralel-jobs\n.*Did you mean parallel-jobs/],
    ['wait: 1\nserver: x\n', /line 2: there is no setting server\n.*There are target-org, api-version/],
    ['parallel-jobs: many\n', /parallel-jobs takes a whole number from 1 to 25, not "many"/],
    ['quiet: perhaps\n', /quiet takes true or false, not "perhaps"/],
    ['api-version: new\n', /"new" is no API version/],
    ['wait: [1]\n', /line 1: wait takes one value/],
    ['- wait\n', /line 1: a config file is a list of lines of the form name: value/],
    ['wait: 1\n  api: "\n', /line [12]: /],
  ])('are refused with file, line and what to do: %s', async (text, message) => {
    const cwd = makeFolder(text)
    const line = 'upsert Account x.csv -i Id -o local'
    const { code, stderr } = await run(line, { cwd })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) })
  })

  test('may be empty, and are not needed to press Tab', async () => {
    expect((await run('limits --json -o local', { cwd: makeFolder('# nothing yet\n') })).code).toBe(0)
    expect((await run('complete -- lim', { cwd: makeFolder('nonsense: 1\n') })).code).toBe(0)
  })

  test('have a JSON Schema that knows every setting', () => {
    const schema = JSON.parse(readFileSync('schemas/config.schema.json', 'utf8'))
    expect(schema).toEqual(renderConfigSchema())
    expect(Object.keys(schema.properties)).toEqual([...configKeys])
  })
})

describe('sfbulk config', () => {
  test('shows variables with their origin, and no secret', async () => {
    const cwd = makeFolder('')
    writeFileSync(`${cwd}/.env`, 'SF_PASSWORD=hush\nSF_USERNAME=ada\n')
    const { code, stdout } = await run('config', { cwd, env: { SF_ACCESS_TOKEN: '00Dsecret' } })
    expect(code).toBe(0)
    expect(stdout).toMatch(/^SF_USERNAME +ada +\S+\.env$/m)
    expect(stdout).toMatch(/^SF_PASSWORD +\*\*\* +\S+\.env$/m)
    expect(stdout).toMatch(/^SF_ACCESS_TOKEN +\*\*\* +environment$/m)
    expect(stdout).toContain(`${cwd}.home/${name} (not there)`)
    expect(stdout).not.toMatch(/hush|00Dsecret/)
  })
})

import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { run } from '../support/run.ts'

const rows = (count: number) => Array.from({ length: count }, (_, index) => `Lead ${index},Acme\n`).join('')
const leads = `LastName,Company\n${rows(300)}short\n`

describe('--dry-run', () => {
  it('tells rows, jobs, calls and what the org has left, and writes nothing but the rows that would be rejected', async () => {
    const org = await startTestOrg()
    const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
    const line = 'insert Lead leads.csv --api bulk --job-bytes 2000 --dry-run --json'
    const { code, stdout, files } = await run(line, { env, files: { 'leads.csv': leads } })
    expect(code).toBe(3)
    const forecast = JSON.parse(stdout)
    expect(forecast).toMatchObject({
      dryRun: true,
      operation: 'insert',
      sobject: 'Lead',
      api: 'bulk',
      rows: { read: 301, sent: 300, rejected: 1 },
      files: { errors: 'leads.errors.csv' },
      exitCode: 3,
    })
    expect(forecast.parts).toBeGreaterThan(2)
    expect(forecast.batches).toBe(forecast.parts)
    expect(forecast.callsLeft).toBeGreaterThan(0)
    expect(Object.keys(files)).toEqual(['leads.csv', 'leads.errors.csv'])
    expect(org.requests.filter(({ method }) => method !== 'GET')).toEqual([])
  })

  it('foresees the jobs that the load then makes', async () => {
    const org = await startTestOrg()
    const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
    const line = 'insert Lead leads.csv --api bulk --job-bytes 2000 --json -q'
    const options = { env, files: { 'leads.csv': leads } }
    const forecast = JSON.parse((await run(`${line} --dry-run`, options)).stdout)
    const load = JSON.parse((await run(line, options)).stdout)
    expect(forecast.parts).toBe(load.jobs.length)
    expect(forecast.rows.sent).toBe(load.rows.sent)
  })

  it('asks nobody before a --where write and says what SOAP would cost', async () => {
    const org = await startTestOrg()
    await org.call('POST', 'sobjects/Lead', { LastName: 'One', Company: 'Acme' })
    const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
    const { code, stderr } = await run(`delete Lead --where "Company = 'Acme'" --dry-run`, { env })
    expect(code).toBe(0)
    expect(stderr).toContain('Nothing was sent. delete would send 1 row')
    expect(stderr).toContain('by soap, because')
    expect(stderr).toContain('1 call, about 1 API call (')
  })
})

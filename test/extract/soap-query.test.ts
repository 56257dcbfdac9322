import { describe, expect, it } from 'vitest'
import { fetchSoapPages } from '../../src/extract/soap-pages.ts'
import { openOrg as connectTo, fakeTools, startDialogue } from '../org/dialogue.ts'
import { answerTo } from '../soap/envelopes.ts'
import { startTestOrg } from '../support/org.ts'
import { run } from '../support/run.ts'

async function openOrg() {
  const org = await startTestOrg()
  const account = { Name: 'Müller & <Söhne> "AG"', AnnualRevenue: 912260031, NumberOfEmployees: 7, BillingCity: 'Wien' }
  const answer = await org.call('POST', 'sobjects/Account', account)
  const { id } = (await answer.json()) as { id: string }
  for (const LastName of ['Adler', 'Baum']) {
    await org.call('POST', 'sobjects/Contact', { LastName, AccountId: id, Birthdate: '1990-02-03', Phone: '1' })
  }
  return { org, env: { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken } }
}

describe('a query by SOAP', () => {
  it.each([
    'SELECT Id, Name, Phone, AnnualRevenue, NumberOfEmployees, IsDeleted, CreatedDate FROM Account',
    'SELECT LastName, Birthdate, Account.Name, Account.BillingCity FROM Contact ORDER BY LastName',
    'SELECT Id FROM Account WHERE Name = null',
    'SELECT LastName, Phone, Account.Phone FROM Contact ORDER BY LastName',
  ])('gives the same bytes as a job: %s', async (soql) => {
    const { org, env } = await openOrg()
    const [soap, bulk] = await Promise.all([
      run(`query "${soql}" --api soap -q`, { env }),
      run(`query "${soql}" --api bulk -q`, { env }),
    ])
    expect(soap).toMatchObject({ code: 0, stdout: bulk.stdout })
    expect(org.count('POST', /^\/services\/Soap/)).toBe(1)
  })

  it('answers what the Bulk API refuses: aggregates, child rows as JSON', async () => {
    const { env } = await openOrg()
    const count = await run('query "SELECT COUNT(Id) n, MAX(LastName) highest FROM Contact" --api soap -q', { env })
    expect(count.stdout).toBe('"n","highest"\n"2","Baum"\n')
    const children = 'SELECT Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account'
    const nested = await run(`query "${children}" --api soap -q`, { env })
    expect(nested.stdout).toContain('"[{""LastName"":""Adler""},{""LastName"":""Baum""}]"')
  })

  it('reads on from page to page', async () => {
    const { org, env } = await openOrg()
    const records = Array.from({ length: 200 }, (_, index) => ({
      attributes: { type: 'Lead' },
      LastName: `L${index}`,
      Company: 'C',
    }))
    for (let call = 0; call < 11; call++) await org.call('POST', 'composite/sobjects', { records })
    const { stdout } = await run('query "SELECT LastName FROM Lead" --api soap --json --output leads.csv -q', { env })
    expect(JSON.parse(stdout)).toMatchObject({ rows: 2200, pages: 2, api: 'soap', apiCalls: 2, jobs: [] })
  })

  it('is refused with the text of the service', async () => {
    const { env } = await openOrg()
    const { code, stderr } = await run('query "SELECT Nmae FROM Account" --api soap', { env })
    expect(code).toBe(2)
    expect(stderr).toContain("No such column 'Nmae' on entity 'Account'")
  })

  it('takes no blanks between the elements of an answer for a value', async () => {
    const parent = '<o:Account>\n <o:type>Account</o:type>\n <o:Name>A</o:Name>\n</o:Account>'
    const record = `<records>\n <o:type>Contact</o:type>\n <o:Id/>\n ${parent}\n</records>`
    const { url } = await startDialogue([
      answerTo('query', `<result>\n <done>true</done>\n ${record}\n <size>1</size></result>`),
    ])
    const { org } = connectTo(url, fakeTools())
    const question = { soql: 'SELECT FIELDS(ALL) FROM Contact LIMIT 1', all: false }
    const pages = fetchSoapPages(org, question, AbortSignal.timeout(10_000))
    expect((await pages.next()).value).toEqual({ totalSize: 1, done: true, records: [{ Account: { Name: 'A' } }] })
  })
})

import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { callSoap, sObject } from './soap-calls.ts'

async function create(org: TestOrg, ...records: string[]): Promise<string[]> {
  const { results } = await callSoap(org, `<create>${records.join('')}</create>`)
  return results.map(({ id, errors }) => {
    if (errors !== undefined) throw new Error(JSON.stringify(errors))
    return String(id)
  })
}

function query(org: TestOrg, soql: string, header = '', call = 'query') {
  return callSoap(org, `<${call}><queryString>${soql}</queryString></${call}>`, { header })
}

function more(org: TestOrg, locator: unknown) {
  return callSoap(org, `<queryMore><queryLocator>${locator}</queryLocator></queryMore>`)
}

/** What stands between the first `<records …>` and the last `</records>`. */
function recordsOf(text: string): string {
  return /<records .*<\/records>/s.exec(text)?.[0] ?? ''
}

describe('query', () => {
  it('spells records: Id twice or nil, values by their type, null as nil', async () => {
    const org = await startTestOrg()
    const fields = { Name: 'A &lt; B', AnnualRevenue: '1000', NumberOfEmployees: '5' }
    const [id = ''] = await create(org, sObject('Account', fields))
    const open = '<records xsi:type="sf:sObject"><sf:type>Account</sf:type>'
    const all = await query(org, 'SELECT Id, Name, AnnualRevenue, NumberOfEmployees, IsDeleted, Phone FROM Account')
    expect(recordsOf(all.text)).toBe(
      `${open}<sf:Id>${id}</sf:Id><sf:Id>${id}</sf:Id><sf:Name>A &lt; B</sf:Name><sf:AnnualRevenue>1000.0</sf:AnnualRevenue><sf:NumberOfEmployees>5</sf:NumberOfEmployees><sf:IsDeleted>false</sf:IsDeleted><sf:Phone xsi:nil="true"/></records>`,
    )
    const some = await query(org, 'SELECT Name, CreatedDate FROM Account')
    expect(recordsOf(some.text)).toMatch(
      /<sf:type>Account<\/sf:type><sf:Id xsi:nil="true"\/><sf:Name>A &lt; B<\/sf:Name><sf:CreatedDate>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z<\/sf:CreatedDate>/,
    )
    expect(some.results).toMatchObject([{ done: 'true', queryLocator: '', size: '1' }])
  })

  it('nests parents, children and addresses', async () => {
    const org = await startTestOrg()
    const [AccountId = ''] = await create(org, sObject('Account', { Name: 'A', BillingCity: 'Graz' }))
    await create(org, sObject('Contact', { LastName: 'C', AccountId }), sObject('Account', { Name: 'B' }))
    const parent = await query(org, 'SELECT LastName, Account.Name FROM Contact')
    expect(parent.text).toContain(
      '<sf:Account xsi:type="sf:sObject"><sf:type>Account</sf:type><sf:Id xsi:nil="true"/><sf:Name>A</sf:Name></sf:Account>',
    )
    const children = await query(
      org,
      'SELECT Name, (SELECT LastName FROM Contacts), BillingAddress FROM Account ORDER BY Name',
    )
    expect(children.text).toContain(
      '<sf:Contacts xsi:type="QueryResult"><done>true</done><queryLocator xsi:nil="true"/><records xsi:type="sf:sObject"><sf:type>Contact</sf:type><sf:Id xsi:nil="true"/><sf:LastName>C</sf:LastName></records><size>1</size></sf:Contacts>',
    )
    expect(children.text).toContain('<sf:Contacts xsi:nil="true"/>')
    expect(children.text).toMatch(/<sf:BillingAddress xsi:type="address">.*<city>Graz<\/city>.*<\/sf:BillingAddress>/)
  })

  it('counts and adds up', async () => {
    const org = await startTestOrg()
    await create(org, ...[1, 2].map((revenue) => sObject('Account', { Name: 'A', AnnualRevenue: `${revenue}` })))
    expect((await query(org, 'SELECT count() FROM Account')).results).toEqual([
      { done: 'true', queryLocator: '', size: '2' },
    ])
    expect((await query(org, 'SELECT Name, SUM(AnnualRevenue) total FROM Account GROUP BY Name')).results).toEqual([
      expect.objectContaining({ records: { type: 'AggregateResult', Id: '', Name: 'A', total: '3.0' } }),
    ])
  })

  it('goes on page by page, of the rows as they were', async () => {
    const org = await startTestOrg()
    for (let start = 0; start < 500; start += 200) {
      await create(
        org,
        ...Array.from({ length: Math.min(200, 500 - start) }, (_, n) => sObject('Account', { Name: `${start + n}` })),
      )
    }
    const small = '<QueryOptions><batchSize>1</batchSize></QueryOptions>'
    const first = await query(org, 'SELECT Name FROM Account', small)
    const [page] = first.results
    expect([page?.done, page?.size, (page?.records as object[]).length]).toEqual(['false', '500', 200])
    expect(page?.queryLocator).toMatch(/^01g\w{15}-200$/)
    await callSoap(org, `<delete><ids>${(await create(org, sObject('Account', { Name: 'x' })))[0]}</ids></delete>`)
    const second = await callSoap(org, `<queryMore><queryLocator>${page?.queryLocator}</queryLocator></queryMore>`, {
      header: small,
    })
    const third = await more(org, second.results[0]?.queryLocator)
    expect([second, third].map(({ results }) => [results[0]?.done, (results[0]?.records as object[]).length])).toEqual([
      ['false', 200],
      ['true', 100],
    ])
  })

  it('finds deleted records only as queryAll', async () => {
    const org = await startTestOrg()
    const [id] = await create(org, sObject('Account', { Name: 'A' }))
    await callSoap(org, `<delete><ids>${id}</ids></delete>`)
    const sizes = await Promise.all(
      ['query', 'queryAll'].map(
        async (call) => (await query(org, 'SELECT Id FROM Account', '', call)).results[0]?.size,
      ),
    )
    expect(sizes).toEqual(['0', '1'])
  })

  it.each([
    ['SELEKT Id FROM Account', 'MALFORMED_QUERY', 'MalformedQueryFault', 1],
    ['SELECT Bacon__c FROM Account', 'INVALID_FIELD', 'InvalidFieldFault', 8],
    ['SELECT Id FROM Bacon__c', 'INVALID_TYPE', 'InvalidSObjectFault', 16],
    ['', 'MALFORMED_QUERY', 'MalformedQueryFault', -1],
  ])('that is wrong is a fault that tells the place: %s', async (soql, code, type, column) => {
    const org = await startTestOrg()
    const { status, text, fault } = await query(org, soql)
    expect(status).toBe(500)
    expect(fault).toContain(`sf:${code} ${code}: `)
    expect(text).toContain(`<sf:${type} xsi:type="sf:${type}"><sf:exceptionCode>${code}</sf:exceptionCode>`)
    expect(text).toContain(`<sf:row>${Math.min(column, 1)}</sf:row><sf:column>${column}</sf:column></sf:${type}>`)
  })

  it('refuses a locator that there is not', async () => {
    const org = await startTestOrg()
    expect((await more(org, '01gLc0000000000AAA-2000')).fault).toBe(
      'sf:INVALID_QUERY_LOCATOR INVALID_QUERY_LOCATOR: invalid query locator',
    )
  })
})

describe('retrieve', () => {
  it('answers by position, with nil for what is not there', async () => {
    const org = await startTestOrg()
    const [one = '', two = ''] = await create(org, sObject('Account', { Name: 'A' }), sObject('Account', { Name: 'B' }))
    const ids = [two, '0018c00002FInboAAD', one.slice(0, 15), two].map((id) => `<ids>${id}</ids>`).join('')
    const call = `<retrieve><fieldList>ID, Name, Phone</fieldList><sObjectType>Account</sObjectType>${ids}</retrieve>`
    const { results } = await callSoap(org, call)
    expect(results.map((result) => (typeof result === 'object' ? result.Name : result))).toEqual(['B', '', 'A', 'B'])
    const many = `<retrieve><fieldList>Id</fieldList><sObjectType>Account</sObjectType>${`<ids>${one}</ids>`.repeat(2001)}</retrieve>`
    expect((await callSoap(org, many)).fault).toContain('EXCEEDED_ID_LIMIT')
    const { fault, text } = await callSoap(org, call.replace(two, 'nonsense'))
    expect(fault).toBe('sf:MALFORMED_ID MALFORMED_ID: malformed id nonsense')
    expect(text).toContain('<sf:InvalidIdFault ')
  })
})

describe('descriptions', () => {
  it('are the same as by REST', async () => {
    const org = await startTestOrg()
    const { results } = await callSoap(
      org,
      '<describeSObjects><sObjectType>Account</sObjectType><sObjectType>contact</sObjectType></describeSObjects>',
    )
    expect(results.map(({ name, keyPrefix, createable }) => [name, keyPrefix, createable])).toEqual([
      ['Account', '001', 'true'],
      ['Contact', '003', 'true'],
    ])
    const rest = (await (await org.call('GET', 'sobjects/Contact/describe')).json()) as {
      fields: Record<string, unknown>[]
    }
    const fields = results[1]?.fields as Record<string, unknown>[]
    expect(
      fields.map(({ name, type, soapType, length, nillable }) => [name, type, soapType, Number(length), nillable]),
    ).toEqual(
      rest.fields.map(({ name, type, soapType, length, nillable }) => [name, type, soapType, length, String(nillable)]),
    )
    expect(fields.find(({ name }) => name === 'AccountId')).toMatchObject({
      referenceTo: 'Account',
      relationshipName: 'Account',
    })
    const one = await callSoap(org, '<describeSObject><sObjectType>Lead</sObjectType></describeSObject>')
    expect(one.results.map(({ name }) => name)).toEqual(['Lead'])
  })

  it('of all objects are brief', async () => {
    const org = await startTestOrg()
    const { results } = await callSoap(org, '<describeGlobal/>')
    const sobjects = results[0]?.sobjects as Record<string, unknown>[]
    expect(sobjects.map(({ name }) => name)).toContain('ContentVersion')
    expect(sobjects[0]).not.toHaveProperty('fields')
  })

  it('are of objects that there are, a hundred at a time', async () => {
    const org = await startTestOrg()
    const ask = (count: number, name: string) =>
      callSoap(org, `<describeSObjects>${`<sObjectType>${name}</sObjectType>`.repeat(count)}</describeSObjects>`)
    expect((await ask(1, 'Bacon__c')).fault).toContain("sf:INVALID_TYPE INVALID_TYPE: sObject type 'Bacon__c'")
    expect((await ask(101, 'User')).fault).toContain('EXCEEDED_MAX_TYPES_LIMIT')
  })
})

describe('what has changed', () => {
  const minute = 60_000
  const at = (offset: number) => new Date(Date.now() + offset).toISOString()
  const ask = (org: TestOrg, call: string, type: string, start: string, end: string) =>
    callSoap(
      org,
      `<${call}><sObjectType>${type}</sObjectType><startDate>${start}</startDate><endDate>${end}</endDate></${call}>`,
    )

  it('is told by Id, up to a time from which the next call goes on', async () => {
    const org = await startTestOrg()
    const [one, two] = await create(org, sObject('Account', { Name: 'A' }), sObject('Account', { Name: 'B' }))
    await callSoap(org, `<delete><ids>${one}</ids></delete>`)
    const start = at(-10 * minute)
    const updated = await ask(org, 'getUpdated', 'Account', start, at(2 * minute))
    expect(updated.results).toEqual([{ ids: two, latestDateCovered: expect.stringMatching(/:00\.000Z$/) }])
    expect(Date.parse(String(updated.results[0]?.latestDateCovered))).toBeLessThanOrEqual(Date.now())
    const deleted = await ask(org, 'getDeleted', 'Account', start, at(2 * minute))
    expect(deleted.results).toMatchObject([{ deletedRecords: { id: one, deletedDate: expect.stringMatching(/Z$/) } }])
    expect((await ask(org, 'getUpdated', 'Account', start, at(-5 * minute))).results).toEqual([
      { latestDateCovered: expect.any(String) },
    ])
  })

  it('is told for a time that is not upside down, nor too long ago', async () => {
    const org = await startTestOrg()
    const day = 1440 * minute
    for (const [call, start, end] of [
      ['getUpdated', at(0), at(-minute)],
      ['getUpdated', at(-31 * day), at(0)],
      ['getDeleted', at(-minute), at(0)],
      ['getDeleted', at(-16 * day), at(0)],
    ] as const) {
      expect((await ask(org, call, 'Account', start, end)).fault).toContain('sf:INVALID_REPLICATION_DATE')
    }
    expect((await ask(org, 'getUpdated', 'Account', 'yesterday', at(0))).fault).toContain(
      "'yesterday' is not a valid value",
    )
  })

  it('counts by the time of the server', async () => {
    const org = await startTestOrg()
    const { results } = await callSoap(org, '<getServerTimestamp/>')
    expect(Math.abs(Date.parse(String(results[0]?.timestamp)) - Date.now())).toBeLessThan(minute)
  })
})

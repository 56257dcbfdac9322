import { describe, expect, test } from 'vitest'
import type { Step } from '../org/dialogue.ts'
import { type Answer, answerQuery, runExtract } from './query-dialogue.ts'

const refused =
  (errorCode: string, message = 'not like this'): Step =>
  () => ({ status: 400, json: [{ errorCode, message }] })

const field = (name: string, more: object = {}) => ({
  name,
  type: 'string',
  compoundFieldName: null,
  relationshipName: null,
  referenceTo: [],
  ...more,
})
const address = ['Street', 'City', 'PostalCode'].map((part) =>
  field(`Billing${part}`, { compoundFieldName: 'BillingAddress' }),
)
const accountFields = [field('Id'), field('Name'), field('BillingAddress', { type: 'address' }), ...address]
const contactFields = [
  field('Id'),
  field('Name', { compoundFieldName: 'Name' }),
  field('FirstName', { compoundFieldName: 'Name' }),
  field('AccountId', { type: 'reference', relationshipName: 'Account', referenceTo: ['Account'] }),
]

/** Refuses the first query as the service refuses compound fields, and describes Account and Contact. */
function answerCompound(answer: Answer): Step {
  const played = answerQuery(answer)
  let queries = 0
  return (heard, response) => {
    if (heard.method === 'POST' && queries++ === 0) {
      return refused('API_ERROR', 'Selecting compound data not supported in Bulk Query')(heard, response)
    }
    const object = /sobjects\/(\w+)\/describe/.exec(heard.url)?.[1]
    if (object === undefined) return played(heard, response)
    return { json: { name: object, fields: object === 'Account' ? accountFields : contactFields } }
  }
}

describe('a compound field', () => {
  test.each([
    [
      'SELECT Id, BillingAddress, Name FROM Account',
      'SELECT Id, BillingStreet, BillingCity, BillingPostalCode, Name FROM Account',
      'BillingAddress is read as BillingStreet, BillingCity, BillingPostalCode',
    ],
    [
      "select id,billingaddress, BillingCity from Account where Name = 'BillingAddress, from here' limit 3",
      "select id, BillingStreet, BillingPostalCode, BillingCity from Account where Name = 'BillingAddress, from here' limit 3",
      'billingaddress is read as BillingStreet, BillingCity, BillingPostalCode',
    ],
    [
      'SELECT c.Name, c.Account.BillingAddress FROM Contact c',
      'SELECT c.Name, c.Account.BillingStreet, c.Account.BillingCity, c.Account.BillingPostalCode FROM Contact c',
      'c.Account.BillingAddress is read as c.Account.BillingStreet, c.Account.BillingCity, c.Account.BillingPostalCode',
    ],
  ])('of %s is replaced by its parts once the service has refused it', async (soql, sent, note) => {
    const { running, heard, notes } = await runExtract(answerCompound({ pages: ['"Id"\n"1"\n'] }), { soql })
    expect(await running).toMatchObject({ rows: 1 })
    const queries = heard.filter(({ method }) => method === 'POST').map(({ body }) => JSON.parse(body).query)
    expect(queries).toEqual([soql, sent])
    expect(notes()).toEqual([note])
  })

  test('is not looked for in a query that the service takes', async () => {
    const { running, heard } = await runExtract(answerQuery({ pages: ['"Id"\n'] }))
    await running
    expect(heard.some(({ url }) => url.includes('describe'))).toBe(false)
  })
})

describe('a query that the service refuses', () => {
  test.each([
    [
      'SELECT Id FROM Account WHERE CreatedDate > 2024-01-31T00:00:00',
      'MALFORMED_QUERY',
      'with its zone: 2024-01-31T00:00:00Z',
    ],
    ["SELECT Id FROM Account WHERE CreatedDate > '2024-01-31'", 'INVALID_FIELD', 'write dates without quotes'],
    ['SELECT Nmae FROM Account', 'INVALID_FIELD', '`sfbulk describe <object>`'],
    ['SELECT Id FROM Acount', 'INVALID_TYPE', '`sfbulk describe`'],
    ['SELEKT Id FROM Account', 'MALFORMED_QUERY', 'SELECT Id, Name FROM Account'],
    ['SELECT FIELDS(ALL) FROM Account', 'API_ERROR', '--api soap'],
  ])('is a usage error with its words and what to write instead: %s', async (soql, code, hint) => {
    const { running, heard } = await runExtract([refused(code)], { soql })
    await expect(running).rejects.toMatchObject({
      exit: 'usage',
      code,
      message: `${code}: not like this`,
      hint: expect.stringContaining(hint),
    })
    expect(heard).toHaveLength(1)
  })

  test('with a zone in its dates gets no hint about zones', async () => {
    const soql = 'SELECT X FROM Account WHERE CreatedDate > 2024-01-31T00:00:00.000+01:00 AND Birthdate < 2024-01-31'
    const { running } = await runExtract([refused('INVALID_FIELD')], { soql })
    await expect(running).rejects.toMatchObject({ hint: expect.stringContaining('describe') })
  })

  test('because a limit is reached is no usage error', async () => {
    const { running } = await runExtract([refused('LIMIT_EXCEEDED')])
    await expect(running).rejects.toMatchObject({ exit: 'unfinished' })
  })

  test('because it takes too long is an error of the run', async () => {
    const { running } = await runExtract([refused('QUERY_TIMEOUT')], { soql: 'SELECT COUNT(Id) FROM Account' })
    const hint = expect.stringContaining('narrow the query')
    await expect(running).rejects.toMatchObject({ exit: 'failed', code: 'QUERY_TIMEOUT', hint })
  })
})

const rest = (totalSize: number, records: readonly object[], nextRecordsUrl?: string): Step => {
  return () => ({ json: { totalSize, done: nextRecordsUrl === undefined, nextRecordsUrl, records } })
}
const account = { attributes: { type: 'Account', url: '/x' } }

describe('a query that Bulk API does not answer', () => {
  test.each([
    [
      'aggregates',
      'SELECT Name, COUNT(Id), MAX(Amount) top FROM Opportunity GROUP BY Name',
      '"Name","expr0","top"\n"A","2","1.5"\n',
      [{ ...account, Name: 'A', expr0: 2, top: 1.5 }],
    ],
    [
      'grouped parents',
      'SELECT Account.Name, COUNT(Id) c FROM Contact GROUP BY Account.Name',
      '"Account.Name","c"\n"A","2"\n',
      [{ ...account, Name: 'A', c: 2 }],
    ],
    [
      'offsets',
      'SELECT id, Account.Owner.Name FROM Contact OFFSET 2',
      '"id","Account.Owner.Name"\n"1","Zoë"\n"2",""\n',
      [
        { ...account, Id: '1', Account: { Owner: { Name: 'Zoë' } } },
        { ...account, Id: '2', Account: null },
      ],
    ],
    [
      'offsets, of parents that are empty,',
      'SELECT Name, Account.Name, Account.Owner.Name FROM Contact OFFSET 2',
      '"Name","Account.Name","Account.Owner.Name"\n"A","",""\n"B","","Zoë"\n',
      [
        { ...account, Name: 'A', Account: null },
        { ...account, Name: 'B', Account: { Name: null, Owner: { Name: 'Zoë' } } },
      ],
    ],
    [
      'child rows',
      'SELECT Id, (SELECT LastName FROM Contacts) FROM Account',
      '"Id","Contacts"\n"1","[{""LastName"":""A""}]"\n"2",""\n',
      [
        { ...account, Id: '1', Contacts: { totalSize: 1, done: true, records: [{ ...account, LastName: 'A' }] } },
        { ...account, Id: '2', Contacts: null },
      ],
    ],
    [
      'child rows beside parents that are missing or empty',
      'SELECT Name, Account.Name, (SELECT Id FROM Cases) FROM Contact',
      '"Name","Account.Name","Cases"\n"Ada","",""\n"Bo","",""\n',
      [
        { ...account, Name: 'Ada', Account: null, Cases: null },
        { ...account, Name: 'Bo', Account: { ...account, Name: null }, Cases: null },
      ],
    ],
    [
      'types of owners',
      'SELECT TYPEOF Owner WHEN User THEN Name END, IsClosed FROM Case',
      '"Owner","IsClosed"\n"{""Name"":""A""}","false"\n',
      [{ ...account, Owner: { ...account, Name: 'A' }, IsClosed: false }],
    ],
  ])('because of %s is read through the synchronous API', async (_, soql, csv, records) => {
    const { running, output, heard, notes } = await runExtract([rest(records.length, records)], { soql })
    expect(await running).toMatchObject({ rows: records.length, pages: 1, jobs: [], apiCalls: 1 })
    expect(output.text()).toBe(csv)
    expect(heard[0]?.url).toBe(`/services/data/v66.0/query?q=${encodeURIComponent(soql)}`)
    expect(notes()).toHaveLength(1)
  })

  test('counts with one call', async () => {
    const { running, output } = await runExtract([rest(7, [])], { soql: 'SELECT COUNT() FROM Account' })
    expect(await running).toMatchObject({ rows: 1 })
    expect(output.text()).toBe('"count"\n"7"\n')
  })

  test('is read to its last page, children, too', async () => {
    const soql = 'SELECT Id, (SELECT Id FROM Contacts) FROM Account'
    const contacts = {
      totalSize: 2,
      done: false,
      nextRecordsUrl: '/services/data/v66.0/query/c',
      records: [{ Id: 'c1' }],
    }
    const { running, output, heard } = await runExtract(
      [
        rest(2, [{ Id: '1', Contacts: contacts }], '/services/data/v66.0/query/a'),
        rest(2, [{ Id: 'c2' }]),
        rest(2, [{ Id: '2', Contacts: null }]),
      ],
      { soql, all: true },
    )
    expect(await running).toMatchObject({ rows: 2, pages: 2, apiCalls: 3 })
    expect(output.text()).toBe('"Id","Contacts"\n"1","[{""Id"":""c1""},{""Id"":""c2""}]"\n"2",""\n')
    expect(heard.map(({ url }) => url.replace(/\?.*/, ''))).toEqual([
      '/services/data/v66.0/queryAll',
      '/services/data/v66.0/query/c',
      '/services/data/v66.0/query/a',
    ])
  })

  test('is read with the pages of child rows of child rows', async () => {
    const soql = 'SELECT Id, (SELECT Id, (SELECT Id FROM Cases) FROM Contacts) FROM Account'
    const whole = (records: readonly object[]) => ({ totalSize: records.length, done: true, records })
    const cases = { totalSize: 2, done: false, nextRecordsUrl: '/services/data/v66.0/query/k', records: [{ Id: 'k1' }] }
    const { running, output } = await runExtract(
      [rest(1, [{ Id: '1', Contacts: whole([{ Id: 'c', Cases: cases }]) }]), rest(2, [{ Id: 'k2' }])],
      { soql },
    )
    await running
    expect(output.text()).toBe('"Id","Contacts"\n"1","[{""Id"":""c"",""Cases"":[{""Id"":""k1""},{""Id"":""k2""}]}]"\n')
  })

  test('keeps all digits of a number, and what looks like one inside a text', async () => {
    const text =
      '{"totalSize":1,"done":true,"records":[{"t":"12345678901234567890, \\"9\\"","s":123456789012345678.25}]}'
    const json: Step = () => ({ headers: { 'content-type': 'application/json' }, text })
    const { running, output } = await runExtract([json], { soql: 'SELECT MAX(Name) t, SUM(Amount) s FROM Opportunity' })
    await running
    expect(output.text()).toBe('"t","s"\n"12345678901234567890, ""9""","123456789012345678.25"\n')
  })

  test('is read by SOAP where it is too long for an address', async () => {
    const names = Array.from({ length: 1_000 }, (_, index) => `'name ${index}'`)
    const soql = `SELECT COUNT(Id) n FROM Account WHERE Name IN (${names.join(', ')})`
    const record = '<records xsi:type="sf:sObject"><sf:type>AggregateResult</sf:type><sf:n>7</sf:n></records>'
    const body = `<queryResponse><result><done>true</done>${record}<size>1</size></result></queryResponse>`
    const text = `<e:Envelope xmlns:e="e" xmlns:sf="s" xmlns:xsi="x"><e:Body>${body}</e:Body></e:Envelope>`
    const { running, output, heard } = await runExtract([() => ({ headers: { 'content-type': 'text/xml' }, text })], {
      soql,
    })
    expect(await running).toMatchObject({ api: 'soap', rows: 1 })
    expect(output.text()).toBe('"n"\n"7"\n')
    expect(heard[0]?.url).toBe('/services/Soap/u/66.0')
  })

  test('is an error when rows are missing', async () => {
    const { running } = await runExtract([rest(2, [{ Id: '1' }])], { soql: 'SELECT Id FROM Account OFFSET 1' })
    await expect(running).rejects.toMatchObject({ code: 'ROWS_MISSING' })
  })

  test('is an error, but not of the query, when the place to go on at has expired', async () => {
    const expired = refused('INVALID_QUERY_LOCATOR', 'invalid query locator')
    const first = rest(2, [{ Id: '1' }], '/services/data/v66.0/query/a')
    for (const plan of [
      { soql: 'SELECT Id FROM Account OFFSET 1' },
      { soql: 'SELECT Id FROM Account', api: 'auto' },
    ] as const) {
      const { running } = await runExtract([first, expired], plan)
      await expect(running).rejects.toMatchObject({
        code: 'INVALID_QUERY_LOCATOR',
        exitCode: 1,
        hint: 'run the query again',
      })
    }
  })

  test.each<[string, Step, string]>([
    ['a web page', () => ({ headers: { 'content-type': 'text/html' }, text: '<html>Sign in</html>' }), 'NOT_JSON'],
    ['nothing', () => ({ text: '' }), 'NOT_JSON'],
    ['something else', () => ({ json: { hello: 'world' } }), 'NOT_A_PAGE'],
    [
      'a page that neither ends nor goes on',
      () => ({ json: { totalSize: 2, done: false, records: [] } }),
      'NOT_A_PAGE',
    ],
  ])('is an error when %s comes instead of its rows', async (_, step, code) => {
    for (const plan of [
      { soql: 'SELECT Id FROM Account OFFSET 1' },
      { soql: 'SELECT Id FROM Account', api: 'auto' },
    ] as const) {
      const { running } = await runExtract([step], plan)
      await expect(running).rejects.toMatchObject({ code, exitCode: 1 })
    }
  })

  test('is told from one that only speaks of it', async () => {
    const soql =
      "SELECT Id FROM Account WHERE Name = 'group by (select offset' AND Id IN (SELECT AccountId FROM Contact)"
    const { running, heard } = await runExtract(answerQuery({ pages: ['"Id"\n'] }), { soql })
    await running
    expect(heard[0]).toMatchObject({ method: 'POST', url: '/services/data/v66.0/jobs/query' })
  })
})

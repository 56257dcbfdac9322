import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { callSoap, type SoapAnswer, sObject } from './soap-calls.ts'

async function query(org: TestOrg, soql: string): Promise<Record<string, unknown>[]> {
  const answer = await org.call('GET', `queryAll?q=${encodeURIComponent(soql)}`)
  const { records } = (await answer.json()) as { records: Record<string, unknown>[] }
  return records.map(({ attributes, ...record }) => record)
}

function verdicts({ results }: SoapAnswer): unknown[] {
  return results.map((result) => {
    const error = result.errors as { statusCode: string; message: string } | undefined
    return error === undefined ? result.success : `${error.statusCode}: ${error.message}`
  })
}

async function create(org: TestOrg, type: string, ...records: Record<string, string>[]): Promise<string[]> {
  const answer = await callSoap(org, `<create>${records.map((record) => sObject(type, record)).join('')}</create>`)
  return answer.results.map(({ id }) => String(id))
}

const allOrNone = '<AllOrNoneHeader><allOrNone>true</allOrNone></AllOrNoneHeader>'

describe('create', () => {
  it('gives one result for each record, in order, and costs one call', async () => {
    const org = await startTestOrg()
    const answer = await callSoap(
      org,
      `<create>${sObject('Account', { Name: 'Müller &amp; Söhne', NumberOfEmployees: '5' })}${sObject('Contact', { FirstName: 'Ada' })}</create>`,
    )
    expect(answer.status).toBe(200)
    expect(answer.results).toEqual([
      { id: expect.stringMatching(/^001\w{15}$/), success: 'true' },
      {
        errors: {
          fields: 'LastName',
          message: 'Required fields are missing: [LastName]',
          statusCode: 'REQUIRED_FIELD_MISSING',
        },
        id: '',
        success: 'false',
      },
    ])
    expect(answer.text).toContain('<id xsi:nil="true"/>')
    expect(org.countedCalls()).toBe(1)
    expect(answer.limitInfo).toBeNull()
    expect(answer.text).toContain(
      '<LimitInfoHeader><limitInfo><current>1</current><limit>100000</limit><type>API REQUESTS</type></limitInfo></LimitInfoHeader>',
    )
    expect(await query(org, 'SELECT Name, NumberOfEmployees FROM Account')).toEqual([
      { Name: 'Müller & Söhne', NumberOfEmployees: 5 },
    ])
  })

  it('finds a parent by its external ID, also one that the same call creates', async () => {
    const org = await startTestOrg()
    const parent = '<e:Account><e:type>Account</e:type><e:ERP_Id__c>A1</e:ERP_Id__c></e:Account>'
    const contact = `<sObjects><e:type>Contact</e:type><e:LastName>Byron</e:LastName>${parent}</sObjects>`
    const account = sObject('Account', { Name: 'Ada', ERP_Id__c: 'A1' })
    expect(verdicts(await callSoap(org, `<create>${account}${contact}</create>`))).toEqual(['true', 'true'])
    expect(await query(org, "SELECT LastName FROM Contact WHERE Account.Name = 'Ada'")).toHaveLength(1)
    const orphan = contact.replace('A1', 'A2')
    expect(String(verdicts(await callSoap(org, `<create>${orphan}</create>`)))).toMatch(/^INVALID_FIELD: Foreign key/)
  })

  it('takes the right one of several parents', async () => {
    const org = await startTestOrg()
    await create(org, 'Lead', { LastName: 'L', Company: 'C', Email: 'l@example.com' })
    const who = '<e:Who><e:type>Lead</e:type><e:Email>l@example.com</e:Email></e:Who>'
    const task = `<create><sObjects><e:type>Task</e:type><e:Subject>Call</e:Subject>${who}</sObjects></create>`
    expect(verdicts(await callSoap(org, task))).toEqual(['true'])
    expect(String((await query(org, 'SELECT WhoId FROM Task'))[0]?.WhoId)).toMatch(/^00Q/)
  })

  it('leaves a field alone that is empty or nil, and takes no default for one that is to be null', async () => {
    const org = await startTestOrg()
    const status = async (record: string) => {
      const { results } = await callSoap(org, `<create>${record}</create>`)
      return (await query(org, `SELECT Origin, Status FROM Case WHERE Id = '${results[0]?.id}'`))[0]?.Status
    }
    const usual = await status(sObject('Case', { Subject: 'x' }))
    expect(usual).toEqual(expect.any(String))
    expect(await status(sObject('Case', { Subject: 'x', Status: '' }))).toBe(usual)
    expect(await status(sObject('Case', { Subject: 'x' }).replace('</sO', '<e:Status xsi:nil="true"/></sO'))).toBe(
      usual,
    )
    expect(await status(sObject('Case', { Subject: 'x' }, ['Status']))).toBeNull()
  })

  it('cuts texts that are too long when the header asks for it', async () => {
    const org = await startTestOrg()
    const call = `<create>${sObject('Account', { Name: 'x'.repeat(300) })}</create>`
    expect(String(verdicts(await callSoap(org, call)))).toMatch(/^STRING_TOO_LONG/)
    const header =
      '<AllowFieldTruncationHeader><allowFieldTruncation>true</allowFieldTruncation></AllowFieldTruncationHeader>'
    expect(verdicts(await callSoap(org, call, { header }))).toEqual(['true'])
    expect(await query(org, 'SELECT Name FROM Account')).toEqual([{ Name: 'x'.repeat(255) }])
  })

  it('undoes everything when one fails and the header says all or none', async () => {
    const org = await startTestOrg()
    const call = `<create>${sObject('Account', { Name: 'A' })}${sObject('Contact', { FirstName: 'B' })}</create>`
    expect(verdicts(await callSoap(org, call, { header: allOrNone }))).toEqual([
      'ALL_OR_NONE_OPERATION_ROLLED_BACK: Record rolled back because not all records were valid and the request was using AllOrNone header',
      'REQUIRED_FIELD_MISSING: Required fields are missing: [LastName]',
    ])
    expect(await query(org, 'SELECT Id FROM Account')).toEqual([])
  })

  it('accepts the headers that change nothing here', async () => {
    const org = await startTestOrg()
    const header =
      '<CallOptions><client>tests</client></CallOptions><AssignmentRuleHeader><useDefaultRule>true</useDefaultRule></AssignmentRuleHeader>' +
      '<DuplicateRuleHeader><allowSave>true</allowSave></DuplicateRuleHeader><MruHeader><updateMru>true</updateMru></MruHeader>' +
      '<DisableFeedTrackingHeader><disableFeedTracking>true</disableFeedTracking></DisableFeedTrackingHeader>' +
      '<EmailHeader><triggerUserEmail>false</triggerUserEmail></EmailHeader>'
    expect(verdicts(await callSoap(org, `<create>${sObject('Account', { Name: 'A' })}</create>`, { header }))).toEqual([
      'true',
    ])
  })
})

describe('the order in a record', () => {
  it.each([
    ['a type that is not first', '<e:Name>A</e:Name><e:type>Account</e:type>', 'Name'],
    ['no type', '<e:fieldsToNull>Phone</e:fieldsToNull><e:Name>A</e:Name>', 'fieldsToNull'],
    [
      'fieldsToNull behind a field',
      '<e:type>Account</e:type><e:Name>A</e:Name><e:fieldsToNull>Phone</e:fieldsToNull>',
      'fieldsToNull',
    ],
    ['an Id behind a field', '<e:type>Account</e:type><e:Name>A</e:Name><e:Id>1</e:Id>', 'Id'],
  ])('is held to: %s is a fault', async (_, fields, named) => {
    const org = await startTestOrg()
    const { status, fault } = await callSoap(org, `<create><sObjects>${fields}</sObjects></create>`)
    expect(status).toBe(500)
    expect(fault).toContain(
      `soapenv:Client Element {urn:sobject.partner.soap.sforce.com}${named} invalid at this location`,
    )
  })

  it('has each field once, as a value or as null', async () => {
    const org = await startTestOrg()
    const { fault } = await callSoap(
      org,
      `<create>${sObject('Account', { Name: 'A', Phone: '1' }, ['Phone'])}</create>`,
    )
    expect(fault).toBe('sf:INVALID_FIELD INVALID_FIELD: Duplicate field: Phone')
  })
})

describe('update', () => {
  it('changes what a record names, empties what it wants null, leaves the rest', async () => {
    const org = await startTestOrg()
    const [id = ''] = await create(org, 'Account', { Name: 'A', Phone: '1', Fax: '2' })
    expect(
      verdicts(await callSoap(org, `<update>${sObject('Account', { Id: id, Name: 'B' }, ['Phone'])}</update>`)),
    ).toEqual(['true'])
    expect(await query(org, 'SELECT Name, Phone, Fax FROM Account')).toEqual([{ Name: 'B', Phone: null, Fax: '2' }])
    expect(
      verdicts(
        await callSoap(
          org,
          `<update>${sObject('Account', { Id: id }, ['Name'])}${sObject('Account', { Name: 'C' })}</update>`,
        ),
      ),
    ).toEqual([
      'REQUIRED_FIELD_MISSING: Required fields are missing: [Name]',
      'MISSING_ARGUMENT: Id not specified in an update call',
    ])
  })

  it('changes a record twelve times in a call and no more', async () => {
    const org = await startTestOrg()
    const [id = ''] = await create(org, 'Account', { Name: 'A' })
    const records = Array.from({ length: 14 }, (_, index) => sObject('Account', { Id: id, Name: `N${index}` }))
    const failed = `DUPLICATE_VALUE: Duplicate id specified: ${id}`
    expect(verdicts(await callSoap(org, `<update>${records.join('')}</update>`))).toEqual([
      ...Array.from({ length: 12 }, () => 'true'),
      failed,
      failed,
    ])
    expect(await query(org, 'SELECT Name FROM Account')).toEqual([{ Name: 'N11' }])
  })
})

describe('upsert', () => {
  it('says of each record whether it was created', async () => {
    const org = await startTestOrg()
    await create(org, 'Account', { Name: 'A', ERP_Id__c: 'K1' })
    const records = ['K1', 'K2', 'K3', 'K3'].map((key) => sObject('Account', { Name: key, ERP_Id__c: key }))
    const call = `<upsert><externalIDFieldName>ERP_Id__c</externalIDFieldName>${records.join('')}</upsert>`
    const answer = await callSoap(org, call)
    expect(answer.results.slice(0, 2)).toMatchObject([
      { created: 'false', success: 'true' },
      { created: 'true', success: 'true' },
    ])
    expect(verdicts(answer).slice(2)).toEqual([
      'DUPLICATE_VALUE: Duplicate external id specified: K3',
      'DUPLICATE_VALUE: Duplicate external id specified: K3',
    ])
    expect((await query(org, 'SELECT Name FROM Account ORDER BY Name')).map(({ Name }) => Name)).toEqual(['K1', 'K2'])
  })

  it('refuses a field that is no key', async () => {
    const org = await startTestOrg()
    const call = `<upsert><externalIDFieldName>Phone</externalIDFieldName>${sObject('Account', { Name: 'A' })}</upsert>`
    expect(await callSoap(org, call)).toMatchObject({ status: 500, fault: expect.stringContaining('INVALID_FIELD') })
  })
})

describe('delete, undelete and emptyRecycleBin', () => {
  it('move records of several objects to the bin, back, and out of it for good', async () => {
    const org = await startTestOrg()
    const ids = [
      ...(await create(org, 'Account', { Name: 'A' })),
      ...(await create(org, 'Lead', { LastName: 'L', Company: 'C' })),
    ]
    const list = ids.map((id) => `<ids>${id}</ids>`).join('')
    expect(verdicts(await callSoap(org, `<delete>${list}<ids>nonsense</ids></delete>`))).toEqual([
      'true',
      'true',
      'MALFORMED_ID: Record ID: id value of incorrect type: nonsense',
    ])
    expect(verdicts(await callSoap(org, `<delete>${list}</delete>`))).toEqual([
      'ENTITY_IS_DELETED: entity is deleted',
      'ENTITY_IS_DELETED: entity is deleted',
    ])
    expect(verdicts(await callSoap(org, `<undelete>${list}</undelete>`))).toEqual(['true', 'true'])
    expect(await query(org, 'SELECT IsDeleted FROM Account')).toEqual([{ IsDeleted: false }])
    expect(verdicts(await callSoap(org, `<emptyRecycleBin>${list}</emptyRecycleBin>`))).toEqual(
      ids.map((id) => `INVALID_ID_FIELD: record is not in the recycle bin: ${id}`),
    )
    await callSoap(org, `<delete>${list}</delete>`)
    expect(verdicts(await callSoap(org, `<emptyRecycleBin>${list}</emptyRecycleBin>`))).toEqual(['true', 'true'])
    expect(await query(org, 'SELECT Id FROM Account')).toEqual([])
  })
})

describe('ids that belong to no object', () => {
  it('do not part those of one object', async () => {
    const org = await startTestOrg()
    const ids = await create(org, 'Contact', ...Array.from({ length: 12 }, (_, index) => ({ LastName: `${index}` })))
    const list = ids.map((id) => `<ids>${id}</ids><ids>nonsense</ids>`).join('')
    const found = verdicts(await callSoap(org, `<delete>${list}</delete>`))
    expect([found.length, found.filter((verdict) => verdict === 'true').length]).toEqual([24, 12])
  })
})

describe('a call', () => {
  it('brings at most 200 records', async () => {
    const org = await startTestOrg()
    const records = (count: number) => sObject('Account', { Name: 'A' }).repeat(count)
    const { fault } = await callSoap(org, `<create>${records(201)}</create>`)
    expect(fault).toBe(
      'sf:EXCEEDED_ID_LIMIT EXCEEDED_ID_LIMIT: record limit reached. cannot submit more than 200 records into this call',
    )
    expect((await callSoap(org, `<create>${records(200)}</create>`)).results).toHaveLength(200)
    expect((await callSoap(org, `<delete>${'<ids>x</ids>'.repeat(201)}</delete>`)).fault).toContain('EXCEEDED_ID_LIMIT')
  })

  it('changes the type of its records at most ten times', async () => {
    const org = await startTestOrg()
    const pair = sObject('Account', { Name: 'A' }) + sObject('Contact', { LastName: 'B' })
    expect((await callSoap(org, `<create>${pair.repeat(5)}</create>`)).results).toHaveLength(10)
    expect((await callSoap(org, `<create>${pair.repeat(6)}</create>`)).fault).toContain('more than 10 chunks')
  })

  it('names objects and fields that there are', async () => {
    const org = await startTestOrg()
    expect(await callSoap(org, `<create>${sObject('Nothing__c', { Name: 'A' })}</create>`)).toMatchObject({
      status: 500,
      fault: expect.stringContaining("sf:INVALID_TYPE INVALID_TYPE: sObject type 'Nothing__c' is not supported."),
    })
    const { fault, text } = await callSoap(org, `<create>${sObject('Account', { Bacon__c: 'A' })}</create>`)
    expect(fault).toBe("sf:INVALID_FIELD INVALID_FIELD: No such column 'Bacon__c' on sobject of type Account")
    expect(text).toContain('<sf:InvalidFieldFault xsi:type="sf:InvalidFieldFault">')
  })
})

import jsforce from 'jsforce'
import { describe, expect, it } from 'vitest'
import { startTestOrg, type TestOrg } from '../support/org.ts'

async function connect(org: TestOrg) {
  const connection = new jsforce.Connection({ loginUrl: org.url, version: '64.0' })
  await connection.login(org.username, org.password + org.securityToken)
  return connection
}

describe('jsforce by SOAP', () => {
  it('creates, updates, upserts, deletes and undeletes', async () => {
    const org = await startTestOrg()
    const { soap, sobject, query } = await connect(org).then((connection) => ({
      soap: connection.soap,
      sobject: connection.sobject.bind(connection),
      query: connection.query.bind(connection),
    }))
    const created = await soap.create([
      { type: 'Account', Name: 'Ada & <Co>', ERP_Id__c: 'A1', Phone: '1' },
      { type: 'Contact', FirstName: 'x' },
    ])
    expect(created).toMatchObject([
      { success: true, errors: [] },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['LastName'] }] },
    ])
    const id = String(created[0]?.id)
    const updated = await soap.update([{ type: 'Account', Id: id, Phone: null, Fax: '2' }])
    expect(updated).toMatchObject([{ id, success: true }])
    expect(await sobject('Account').retrieve(id)).toMatchObject({ Name: 'Ada & <Co>', Phone: null, Fax: '2' })
    const upserted = await soap.upsert('ERP_Id__c', [
      { type: 'Account', ERP_Id__c: 'A1', Name: 'Ada' },
      { type: 'Account', ERP_Id__c: 'A2', Name: 'Bob' },
    ])
    expect(upserted).toMatchObject([
      { id, success: true, created: false },
      { success: true, created: true },
    ])
    expect(await soap.delete([id, 'nonsense'])).toMatchObject([
      { id, success: true },
      { success: false, errors: [{ statusCode: 'MALFORMED_ID' }] },
    ])
    expect(await soap.undelete([id])).toMatchObject([{ id, success: true }])
    await soap.delete([id])
    expect(await soap.emptyRecycleBin([id])).toMatchObject([{ id, success: true }])
    expect((await query('SELECT Name FROM Account')).records.map(({ Name }) => Name)).toEqual(['Bob'])
  })

  it('tells who works and what time it is', async () => {
    const org = await startTestOrg()
    const { soap } = await connect(org)
    expect(await soap.getUserInfo()).toMatchObject({ userName: org.username, roleId: null, sessionSecondsValid: 7200 })
    expect(Date.parse((await soap.getServerTimestamp()).timestamp)).not.toBeNaN()
  })

  it('is told what is wrong with a call', async () => {
    const org = await startTestOrg()
    const { soap } = await connect(org)
    await expect(soap.create([{ type: 'Bacon__c', Name: 'x' }])).rejects.toMatchObject({
      errorCode: 'sf:INVALID_TYPE',
      message: expect.stringContaining("sObject type 'Bacon__c' is not supported."),
    })
  })

  it('renews a session that has ended, in the middle of its work', async () => {
    const org = await startTestOrg()
    const { clientId, clientSecret, url: loginUrl, accessToken, refreshToken } = org
    const connection = new jsforce.Connection({
      oauth2: { clientId, clientSecret, loginUrl },
      instanceUrl: loginUrl,
      accessToken,
      refreshToken,
    })
    await connection.oauth2.revokeToken(accessToken)
    expect(await connection.soap.create([{ type: 'Account', Name: 'A' }])).toMatchObject([{ success: true }])
    expect(org.count('POST', /\/Soap\/u\//)).toBe(2)
  })

  it('stores an attachment and reads its bytes', async () => {
    const org = await startTestOrg()
    const connection = await connect(org)
    const account = await connection.sobject('Account').create({ Name: 'A' })
    const bytes = Buffer.from('hello, wörld')
    const record = { type: 'Attachment', ParentId: account.id ?? '', Name: 'a.txt', Body: bytes.toString('base64') }
    const [bySoap] = await connection.soap.create([record])
    const byRest = await connection.sobject('Attachment').create({ ...record, type: undefined })
    for (const { id } of [bySoap, byRest].flatMap((result) => result ?? [])) {
      const pieces: Buffer[] = []
      for await (const piece of connection
        .sobject('Attachment')
        .record(id ?? '')
        .blob('Body'))
        pieces.push(Buffer.from(piece))
      expect(Buffer.concat(pieces)).toEqual(bytes)
    }
  })
})

import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../../support/org.ts'

/** What the test looks at of an entry: its name, what it shows and what is below it. */
interface Outline {
  readonly columnName: string
  readonly displayName: string
  readonly aggregate: boolean
  readonly apexType: string | null
  readonly foreignKeyName: string | null
  readonly joinColumns: readonly Outline[]
}

async function askColumns(soql: string): Promise<{ status: number; body: { columnMetadata: Outline[] } }> {
  const org = await startTestOrg()
  const response = await org.call('GET', `query?q=${encodeURIComponent(soql)}&columns=true`)
  return { status: response.status, body: (await response.json()) as { columnMetadata: Outline[] } }
}

function outline({ columnName, joinColumns }: Outline): unknown {
  return joinColumns.length === 0 ? columnName : { [columnName]: joinColumns.map(outline) }
}

describe('a query with columns=true', () => {
  it('is answered with the fields, as they are spelt in the description', async () => {
    const { body } = await askColumns('SELECT id, NAME, NumberOfEmployees FROM Account')
    expect(body).toMatchObject({ entityName: 'Account', keyPrefix: '001', idSelected: true, groupBy: false })
    expect(body.columnMetadata).toEqual([
      expect.objectContaining({ columnName: 'Id', apexType: 'Id', textType: false, insertable: false }),
      expect.objectContaining({ columnName: 'Name', apexType: 'String', textType: true, insertable: true }),
      expect.objectContaining({ columnName: 'NumberOfEmployees', apexType: 'Integer', numberType: true }),
    ])
  })

  it('puts the fields of a parent under the parent, once', async () => {
    const { body } = await askColumns('SELECT Owner.Name, Name, owner.profile.name, Owner.Email FROM Account')
    expect(body.columnMetadata.map(outline)).toEqual([{ Owner: ['Name', { Profile: ['Name'] }, 'Email'] }, 'Name'])
    expect(body.columnMetadata[0]).toMatchObject({ foreignKeyName: 'OwnerId', apexType: null, aggregate: false })
  })

  it('puts the fields of a subquery under its name', async () => {
    const { body } = await askColumns('SELECT Name, (SELECT lastname, Owner.Name FROM contacts) FROM Account')
    expect(body.columnMetadata.map(outline)).toEqual(['Name', { Contacts: ['LastName', { Owner: ['Name'] }] }])
    expect(body.columnMetadata[1]).toMatchObject({ aggregate: true })
  })

  it('names functions by their alias or number, and shows what they are', async () => {
    const { body } = await askColumns(
      'SELECT Industry, COUNT(Id) n, MAX(NumberOfEmployees) FROM Account GROUP BY Industry',
    )
    expect(body).toMatchObject({ groupBy: true })
    expect(body.columnMetadata.map(({ columnName, displayName }) => [columnName, displayName])).toEqual([
      ['Industry', 'Industry'],
      ['n', 'count(Id)'],
      ['expr0', 'max(NumberOfEmployees)'],
    ])
  })

  it('is refused like the query itself when a field does not exist', async () => {
    const { status, body } = await askColumns('SELECT Nme FROM Account')
    expect(status).toBe(400)
    expect(body).toMatchObject([{ errorCode: 'INVALID_FIELD' }])
  })
})

describe('a path that begins with two slashes', () => {
  it('is the same as with one', async () => {
    const org = await startTestOrg()
    const headers = { Authorization: `Bearer ${org.accessToken}` }
    const response = await fetch(`${org.url}//services/data/v66.0/query?q=SELECT+Id+FROM+User`, { headers })
    expect(response.status).toBe(200)
    expect(await response.json()).toMatchObject({ totalSize: 1 })
  })
})

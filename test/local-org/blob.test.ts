import { createHash, randomBytes } from 'node:crypto'
import { request } from 'node:http'
import { describe, expect, it, vi } from 'vitest'
import { openDatabase, selectRows } from '../../src/sqlite/database.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { refusal } from './bulk-calls.ts'
import { callSoap, sObject } from './soap-calls.ts'

async function upload(
  org: TestOrg,
  path: string,
  record: object,
  field: string,
  bytes: Uint8Array<ArrayBuffer>,
  method = 'POST',
) {
  const form = new FormData()
  form.set('entity', new Blob([JSON.stringify(record)], { type: 'application/json' }))
  form.set(field, new Blob([bytes]), 'a.bin')
  return fetch(`${org.url}/services/data/v66.0/sobjects/${path}`, {
    method,
    headers: { Authorization: `Bearer ${org.accessToken}` },
    body: form,
  })
}

async function create(org: TestOrg, object: string, record: object): Promise<string> {
  const response = await org.call('POST', `sobjects/${object}`, record)
  const { id } = (await response.json()) as { id?: string }
  if (id === undefined) throw new Error(`${object}: ${response.status}`)
  return id
}

async function createdId(response: Response): Promise<string> {
  expect(response.status).toBe(201)
  return ((await response.json()) as { id: string }).id
}

async function query(org: TestOrg, soql: string): Promise<Record<string, unknown>[]> {
  const answer = await org.call('GET', `query?q=${encodeURIComponent(soql)}`)
  const { records } = (await answer.json()) as { records: Record<string, unknown>[] }
  return records.map(({ attributes, ...record }) => record)
}

async function download(org: TestOrg, path: string): Promise<Buffer> {
  const response = await org.call('GET', `sobjects/${path}`)
  expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/octetstream'])
  return Buffer.from(await response.arrayBuffer())
}

/** Pieces of bodies in the file that belong to no record. */
function countStaged(org: Pick<TestOrg, 'data'>): number {
  const storage = openDatabase(org.data)
  const rows = selectRows(storage, `SELECT 1 FROM "_blob_piece" WHERE id LIKE 'upload%'`)
  storage.close()
  return rows.length
}

describe('an attachment', () => {
  it('comes as base64 and goes as bytes, by JSON as by SOAP', async () => {
    const org = await startTestOrg()
    const ParentId = await create(org, 'Account', { Name: 'A' })
    const bytes = randomBytes(3_000_000)
    const Body = bytes.toString('base64')
    const byJson = await create(org, 'Attachment', { ParentId, Name: 'a.bin', Body })
    const { results } = await callSoap(
      org,
      `<create>${sObject('Attachment', { ParentId, Name: 'b.bin', Body })}</create>`,
    )
    for (const id of [byJson, results[0]?.id]) {
      expect((await download(org, `Attachment/${id}/Body`)).equals(bytes)).toBe(true)
    }
    expect(await query(org, "SELECT Id, BodyLength, Body FROM Attachment WHERE Name = 'a.bin'")).toEqual([
      { Id: byJson, BodyLength: 3_000_000, Body: `/services/data/v66.0/sobjects/Attachment/${byJson}/Body` },
    ])
    await expect((await org.call('GET', `sobjects/Attachment/${byJson}`)).json()).resolves.toMatchObject({
      BodyLength: 3_000_000,
    })
  })

  it('comes by SOAP with line breaks and white space in its base64', async () => {
    const org = await startTestOrg()
    const ParentId = await create(org, 'Account', { Name: 'A' })
    const bytes = randomBytes(10_000)
    const Body = bytes.toString('base64').replace(/.{76}/g, '$&\r\n')
    const { results } = await callSoap(org, `<create>${sObject('Attachment', { ParentId, Name: 'a', Body })}</create>`)
    expect((await download(org, `Attachment/${results[0]?.id}/Body`)).equals(bytes)).toBe(true)
  })

  it('is read by SOAP as base64, one record a page', async () => {
    const org = await startTestOrg()
    const ParentId = await create(org, 'Account', { Name: 'A' })
    for (const Body of ['Zmlyc3Q=', 'c2Vjb25k']) await create(org, 'Attachment', { ParentId, Name: Body, Body })
    const first = await callSoap(
      org,
      '<query><queryString>SELECT Name, Body FROM Attachment ORDER BY CreatedDate, Id</queryString></query>',
    )
    expect(first.results).toMatchObject([{ done: 'false', records: { Name: 'Zmlyc3Q=', Body: 'Zmlyc3Q=' }, size: '2' }])
    const second = await callSoap(
      org,
      `<queryMore><queryLocator>${first.results[0]?.queryLocator}</queryLocator></queryMore>`,
    )
    expect(second.results).toMatchObject([{ done: 'true', records: { Name: 'c2Vjb25k', Body: 'c2Vjb25k' } }])
  })

  it('has at most 25 MB, however it comes', async () => {
    const org = await startTestOrg()
    const ParentId = await create(org, 'Account', { Name: 'A' })
    const most = 25 * 1024 * 1024
    const record = { ParentId, Name: 'a' }
    const tooLarge = { status: 400, errorCode: 'MAXIMUM_SIZE_OF_ATTACHMENT' }
    const send = (size: number) => upload(org, 'Attachment', record, 'Body', new Uint8Array(size))
    expect(await refusal(await send(most + 1))).toMatchObject(tooLarge)
    expect(countStaged(org)).toBe(0)
    await createdId(await send(most))
    expect(await query(org, 'SELECT BodyLength FROM Attachment')).toEqual([{ BodyLength: most }])
  })

  it('is changed by a form', async () => {
    const org = await startTestOrg()
    const ParentId = await create(org, 'Account', { Name: 'A' })
    const id = await createdId(
      await upload(org, 'Attachment', { ParentId, Name: 'a' }, 'Body', new Uint8Array(2_500_000)),
    )
    const smaller = Uint8Array.from(randomBytes(5))
    const answer = await upload(org, `Attachment/${id}`, { Name: 'b' }, 'Body', smaller, 'PATCH')
    expect(answer.status).toBe(204)
    expect((await download(org, `Attachment/${id}/Body`)).equals(smaller)).toBe(true)
    expect(await query(org, 'SELECT Name, BodyLength FROM Attachment')).toEqual([{ Name: 'b', BodyLength: 5 }])
  })
})

describe('a file', () => {
  it('comes as base64 among the records of a collection, too', async () => {
    const org = await startTestOrg()
    const ParentId = await create(org, 'Account', { Name: 'A' })
    const records = [
      { attributes: { type: 'Attachment' }, ParentId, Name: 'a', Body: 'Zmlyc3Q=' },
      { attributes: { type: 'ContentVersion' }, PathOnClient: 'b.txt', VersionData: 'c2Vjb25k' },
      { attributes: { type: 'ContentVersion' }, PathOnClient: 'c.txt', VersionData: 'n@ base64' },
    ]
    const answer = await org.call('POST', 'composite/sobjects', { records })
    const results = (await answer.json()) as { id: string }[]
    expect(results).toMatchObject([
      { success: true },
      { success: true },
      { success: false, errors: [{ statusCode: 'INVALID_TYPE_ON_FIELD_IN_RECORD', fields: ['VersionData'] }] },
    ])
    expect(String(await download(org, `Attachment/${results[0]?.id}/Body`))).toBe('first')
    expect(String(await download(org, `ContentVersion/${results[1]?.id}/VersionData`))).toBe('second')
  })

  it('is uploaded by a form, with its document and a link to where it was published', async () => {
    const org = await startTestOrg()
    const FirstPublishLocationId = await create(org, 'Account', { Name: 'A' })
    const bytes = Uint8Array.from(randomBytes(5_000_000))
    const record = { PathOnClient: 'report.pdf', FirstPublishLocationId }
    const id = await createdId(await upload(org, 'ContentVersion', record, 'VersionData', bytes))
    expect((await download(org, `ContentVersion/${id}/VersionData`)).equals(bytes)).toBe(true)
    const Checksum = createHash('md5').update(bytes).digest('hex')
    const [version] = await query(
      org,
      'SELECT Title, ContentSize, FileExtension, Checksum, ContentDocumentId FROM ContentVersion',
    )
    const ContentDocumentId = version?.ContentDocumentId
    expect(version).toEqual({
      Title: 'report',
      ContentSize: 5_000_000,
      FileExtension: 'pdf',
      Checksum,
      ContentDocumentId,
    })
    const links = await query(
      org,
      `SELECT LinkedEntityId FROM ContentDocumentLink WHERE ContentDocumentId = '${ContentDocumentId}'`,
    )
    expect(links.map(({ LinkedEntityId }) => LinkedEntityId)).toContain(FirstPublishLocationId)
    const next = { PathOnClient: 'report.pdf', ContentDocumentId }
    await createdId(await upload(org, 'ContentVersion', next, 'VersionData', new Uint8Array(7)))
    expect(await query(org, 'SELECT ContentSize FROM ContentDocument')).toEqual([{ ContentSize: 7 }])
    expect(await query(org, 'SELECT VersionNumber FROM ContentVersion WHERE IsLatest = TRUE')).toEqual([
      { VersionNumber: '2' },
    ])
    expect(countStaged(org)).toBe(0)
  })

  it('may be empty', async () => {
    const org = await startTestOrg()
    const id = await createdId(
      await upload(org, 'ContentVersion', { PathOnClient: 'a' }, 'VersionData', new Uint8Array()),
    )
    expect(await download(org, `ContentVersion/${id}/VersionData`)).toHaveLength(0)
    expect(await query(org, 'SELECT ContentSize FROM ContentVersion')).toEqual([{ ContentSize: 0 }])
  })

  it('keeps its bytes: a version is not changed', async () => {
    const org = await startTestOrg()
    const id = await createdId(
      await upload(org, 'ContentVersion', { PathOnClient: 'a' }, 'VersionData', new Uint8Array(3)),
    )
    const answer = await upload(org, `ContentVersion/${id}`, {}, 'VersionData', new Uint8Array(4), 'PATCH')
    expect(await refusal(answer)).toMatchObject({ errorCode: 'INVALID_FIELD_FOR_INSERT_UPDATE' })
    expect(await download(org, `ContentVersion/${id}/VersionData`)).toHaveLength(3)
    expect(countStaged(org)).toBe(0)
  })

  it('comes in a form of a record and a body that fits it', async () => {
    const org = await startTestOrg()
    const wrong = await upload(org, 'ContentVersion', { PathOnClient: 'a' }, 'Body', new Uint8Array(3))
    expect(await refusal(wrong)).toMatchObject({
      status: 400,
      errorCode: 'INVALID_MULTIPART_REQUEST',
      message: 'The binary part is named Body, which is no binary field of ContentVersion',
    })
    const incomplete = await upload(
      org,
      'ContentVersion',
      { Title: 'a', Bacon__c: 1 },
      'VersionData',
      new Uint8Array(3),
    )
    expect(await refusal(incomplete)).toMatchObject({ status: 400, errorCode: 'INVALID_FIELD' })
    expect(countStaged(org)).toBe(0)
  })

  it('whose upload ended with its process is gone when the org is opened again', async () => {
    const { data } = await startTestOrg()
    const storage = openDatabase(data)
    const insert = storage.prepare(`INSERT INTO "_blob_piece" (id, field, piece, body) VALUES (?, '', 0, x'00')`)
    // No process has this number: Linux counts them to 2 ** 22.
    for (const pid of [2 ** 30, process.pid]) insert.run([`upload ${pid} 0`])
    storage.close()
    expect(countStaged(await startTestOrg({ data }))).toBe(1)
  })

  it('whose upload breaks off leaves nothing behind', async () => {
    const org = await startTestOrg()
    const head =
      '--xx\r\nContent-Disposition: form-data; name="entity"\r\n\r\n{"PathOnClient":"a"}\r\n' +
      '--xx\r\nContent-Disposition: form-data; name="VersionData"; filename="a"\r\n\r\n'
    const broken = request(`${org.url}/services/data/v66.0/sobjects/ContentVersion`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${org.accessToken}`, 'Content-Type': 'multipart/form-data; boundary=xx' },
    })
    broken.on('error', () => {})
    broken.write(head)
    await new Promise<void>((resolve) => broken.write(Buffer.alloc(3_000_000), () => resolve()))
    await vi.waitFor(() => expect(countStaged(org), 'pieces of the upload').toBeGreaterThan(0), 30_000)
    broken.destroy()
    await vi.waitFor(() => expect(countStaged(org), 'pieces left behind').toBe(0), 30_000)
    expect(await query(org, 'SELECT Id FROM ContentVersion')).toEqual([])
  })
})

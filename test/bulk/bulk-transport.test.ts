import { readdir } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { createBulkTransport } from '../../src/bulk/bulk-transport.ts'
import { recordCells } from '../../src/csv/cells.ts'
import { type PartBody, type PartEnd, type PartKind, PartNotSent, type SendFailure } from '../../src/load/transport.ts'
import { fakeTools, openOrg, type Reply, type Step, startDialogue } from '../org/dialogue.ts'
import { fakeClock } from './fake-clock.ts'
import { temporaryFolder } from './temporary-folder.ts'

const kind: PartKind = { object: 'Account', operation: 'upsert', externalIdField: 'ERP_Id__c' }
const neverAborted = new AbortController().signal

const small: PartBody = { whole: Buffer.from('ERP_Id__c,Name\nA1,"Zürich\nAG"\n'), stream: neverStreamed }
const large: PartBody = { whole: undefined, stream: () => streamOf('ERP_Id__c,Name\n', 'A1,Acme\n', 'A2,Ajax\n') }

function neverStreamed(): AsyncIterable<Uint8Array> {
  throw new Error('a part that is there whole is not streamed')
}

async function* streamOf(...texts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const text of texts) yield Buffer.from(text)
}

async function openTransport(script: readonly Step[] | Step) {
  const { url, heard } = await startDialogue(script)
  const { org } = openOrg(url, fakeTools())
  const folder = await temporaryFolder()
  const transport = createBulkTransport(org, { clock: fakeClock(), temporaryFolder: folder })
  return {
    transport,
    heard,
    org,
    temporaryFolder: folder,
    said: () => heard.map(({ method, url }) => `${method} ${url.replace('/services/data/v66.0/', '')}`),
  }
}

const job =
  (id: string, state: string, more: object = {}): Step =>
  () => ({ json: { id, state, ...more } })
const uploaded: Step = () => ({ status: 201, text: '' })
const refused =
  (code: string): Step =>
  () => ({ status: 400, json: [{ errorCode: code, message: 'no' }] })
const unavailable: Step = () => ({ status: 503, text: '' })
const page: Step = () => ({
  headers: { 'content-type': 'text/html' },
  text: '<html>Sign in to the hotel network</html>',
})
const brokenOff: Step = (_, response) => {
  response.destroy()
  return undefined
}

async function failure(sending: Promise<unknown>): Promise<SendFailure> {
  const error = await sending.then(
    () => expect.fail('it was sent'),
    (thrown: unknown) => thrown,
  )
  expect(error).toBeInstanceOf(PartNotSent)
  if (!(error instanceof PartNotSent)) throw error
  return error.failure
}

describe('sending a small part', () => {
  test('takes one request that creates, fills and starts the job', async () => {
    const { transport, heard } = await openTransport([job('750A', 'UploadComplete')])
    expect(await transport.send(kind, small, neverAborted)).toMatchObject({ id: '750A' })
    const [request] = heard
    const boundary = /boundary=(.+)$/.exec(request?.headers['content-type'] ?? '')?.[1]
    expect(request?.body.split(`--${boundary}`)).toEqual([
      '',
      expect.stringMatching(/name="job"\r\n\r\n\{.*"operation":"upsert".*"externalIdFieldName":"ERP_Id__c".*\}\r\n$/s),
      expect.stringMatching(/name="content"; filename="content"\r\n\r\nERP_Id__c,Name\nA1,"Zürich\nAG"\n\r\n$/),
      '--\r\n',
    ])
  })

  test('that is refused cannot have arrived', async () => {
    const { transport } = await openTransport([refused('INVALIDENTITY')])
    const { mayHaveArrived, error } = await failure(transport.send(kind, small, neverAborted))
    expect(mayHaveArrived).toBe(false)
    expect(error.message).toContain('INVALIDENTITY: no')
  })

  test.each([
    ['whose answer is lost', brokenOff],
    ['that the edge answers with 503', unavailable],
    ['that is answered with a page', page],
    ['whose answer has lost its body', uploaded],
  ])('%s may have arrived and is not sent again', async (_, step) => {
    const { transport, heard } = await openTransport([step])
    expect(await failure(transport.send(kind, small, neverAborted))).toMatchObject({
      mayHaveArrived: true,
      id: undefined,
    })
    expect(heard).toHaveLength(1)
  })

  test.each([
    ['some', { mayHaveArrived: true, id: '750A' }, 1],
    ['none', { mayHaveArrived: false, id: undefined }, 3],
  ] as const)('whose answer is lost, where a job of that time has %s of its rows', async (known, expected, creates) => {
    const like = { id: '750A', state: 'JobComplete', object: 'Account', operation: 'upsert' }
    const records = [{ ...like, externalIdFieldName: 'ERP_Id__c' }]
    const { url, heard } = await startDialogue((request, response) => {
      if (request.method === 'POST') return brokenOff(request, response)
      if (request.url.endsWith('/ingest')) return { json: { done: true, records } }
      if (request.url.endsWith('/750A')) return { json: { ...like, numberRecordsProcessed: 1, numberRecordsFailed: 0 } }
      return request.url.includes('/userinfo') ? { json: { user_id: '005A' } } : csv('"sf__Id",Name\n"001A","Acme"\n')
    })
    const { org } = openOrg(url, fakeTools())
    const recognise = async () => known
    const transport = createBulkTransport(org, { clock: fakeClock(), recognise })
    expect(await failure(transport.send(kind, small, neverAborted))).toMatchObject(expected)
    expect(heard.filter(({ method }) => method === 'POST')).toHaveLength(creates)
  })

  test('to a host that is not there cannot have arrived', async () => {
    const { org } = openOrg('http://127.0.0.1:1', fakeTools())
    const sending = createBulkTransport(org, { clock: fakeClock() }).send(kind, small, neverAborted)
    expect(await failure(sending)).toMatchObject({ mayHaveArrived: false })
  })
})

describe('sending a large part', () => {
  test('creates a job, uploads as a stream and closes it', async () => {
    const { transport, heard, said } = await openTransport([
      job('750A', 'Open'),
      uploaded,
      job('750A', 'UploadComplete'),
    ])
    expect(await transport.send(kind, large, neverAborted)).toMatchObject({ id: '750A' })
    expect(said()).toEqual(['POST jobs/ingest', 'PUT jobs/ingest/750A/batches', 'PATCH jobs/ingest/750A'])
    expect(JSON.parse(heard[0]?.body ?? '')).toEqual({
      object: 'Account',
      operation: 'upsert',
      externalIdFieldName: 'ERP_Id__c',
      contentType: 'CSV',
      columnDelimiter: 'COMMA',
      lineEnding: 'LF',
    })
    expect(heard[1]?.headers['content-type']).toBe('text/csv; charset=UTF-8')
    expect(heard[1]?.body).toBe('ERP_Id__c,Name\nA1,Acme\nA2,Ajax\n')
    expect(JSON.parse(heard[2]?.body ?? '')).toEqual({ state: 'UploadComplete' })
  })

  test('is chosen from 20,001 bytes on', async () => {
    const whole = Buffer.alloc(20_001, 'x')
    const { transport, heard } = await openTransport([job('750A', 'Open'), uploaded, job('750A', 'UploadComplete')])
    await transport.send(kind, { whole, stream: neverStreamed }, neverAborted)
    expect(heard[1]?.body).toHaveLength(20_001)
  })

  test('sends an upload that broke off again in another job, and aborts the first', async () => {
    const { transport, heard, said } = await openTransport([
      job('750A', 'Open'),
      brokenOff,
      job('750A', 'Aborted'),
      job('750B', 'Open'),
      uploaded,
      job('750B', 'UploadComplete'),
    ])
    expect(await transport.send(kind, large, neverAborted)).toMatchObject({ id: '750B' })
    expect(said().map((line) => line.replace(/^.*ingest/, ''))).toEqual([
      '',
      '/750A/batches',
      '/750A',
      '',
      '/750B/batches',
      '/750B',
    ])
    expect(JSON.parse(heard[2]?.body ?? '')).toEqual({ state: 'Aborted' })
    expect(heard[4]?.body).toBe('ERP_Id__c,Name\nA1,Acme\nA2,Ajax\n')
  })

  test('gives up after three uploads that broke off; none of them can have been carried out', async () => {
    const { transport, said } = await openTransport(({ method, url }, response) => {
      if (method !== 'PUT') return { json: { id: '750A', state: url.endsWith('ingest') ? 'Open' : 'Aborted' } }
      response.destroy()
      return undefined
    })
    expect(await failure(transport.send(kind, large, neverAborted))).toMatchObject({
      mayHaveArrived: false,
      id: '750A',
    })
    expect(said().filter((line) => line.startsWith('PUT'))).toHaveLength(3)
  })

  test('does not repeat an upload that the service refuses', async () => {
    const { transport, said } = await openTransport([
      job('750A', 'Open'),
      refused('INVALIDJOB'),
      job('750A', 'Aborted'),
    ])
    expect(await failure(transport.send(kind, large, neverAborted))).toMatchObject({
      mayHaveArrived: false,
      id: '750A',
    })
    expect(said().filter((line) => line.startsWith('PUT'))).toHaveLength(1)
  })

  test('does not repeat an upload whose source cannot be read', async () => {
    const { transport, said } = await openTransport(({ method }) =>
      method === 'PUT' ? { status: 201 } : { json: { id: '750A', state: 'Open' } },
    )
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('ERP_Id__c\n')
      throw new Error('the file is gone')
    }
    const { error, mayHaveArrived } = await failure(transport.send(kind, { whole: undefined, stream }, neverAborted))
    expect(error.message).toContain('the file is gone')
    expect(mayHaveArrived).toBe(false)
    expect(said().filter((line) => line.startsWith('POST'))).toHaveLength(1)
  })

  test('asks for the state of the job when the answer to the close is lost', async () => {
    const { transport } = await openTransport([job('750A', 'Open'), uploaded, brokenOff, job('750A', 'InProgress')])
    expect(await transport.send(kind, large, neverAborted)).toMatchObject({ id: '750A' })
  })

  test('closes once more when the first close did not arrive', async () => {
    const { transport } = await openTransport([
      job('750A', 'Open'),
      uploaded,
      brokenOff,
      job('750A', 'Open'),
      job('750A', 'UploadComplete'),
    ])
    expect(await transport.send(kind, large, neverAborted)).toMatchObject({ id: '750A' })
  })

  test('may have arrived when neither the close nor the state is answered', async () => {
    const { transport } = await openTransport(({ method }, response) => {
      if (method === 'POST') return { json: { id: '750A', state: 'Open' } }
      if (method === 'PUT') return { status: 201 }
      response.destroy()
      return undefined
    })
    expect(await failure(transport.send(kind, large, neverAborted))).toMatchObject({ mayHaveArrived: true, id: '750A' })
  })

  test('aborts the job when it is interrupted during the upload', async () => {
    const abort = new AbortController()
    const { transport, said } = await openTransport([job('750A', 'Open'), job('750A', 'Aborted')])
    const stream = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('ERP_Id__c\n')
      abort.abort()
      await new Promise(() => undefined)
    }
    const found = await failure(transport.send(kind, { whole: undefined, stream }, abort.signal))
    expect(found).toMatchObject({ mayHaveArrived: false, id: '750A', error: { code: 'INTERRUPTED' } })
    expect(said().at(-1)).toBe('PATCH jobs/ingest/750A')
  })
})

describe('the end of a job', () => {
  test('is told by its counters', async () => {
    const { transport } = await openTransport([
      job('750A', 'JobComplete', { numberRecordsProcessed: 10, numberRecordsFailed: 3 }),
    ])
    expect(await transport.finish({ id: '750A' }, neverAborted)).toEqual({
      state: 'complete',
      errorMessage: undefined,
      accepted: 7,
      rejected: 3,
    })
  })

  test('keeps the words in which the service says why a job failed', async () => {
    const errorMessage = 'InvalidBatch : Field name not found : Nmae'
    const { transport } = await openTransport([job('750A', 'Failed', { errorMessage })])
    expect(await transport.finish({ id: '750A' }, neverAborted)).toEqual({
      state: 'failed',
      errorMessage,
      accepted: 0,
      rejected: 0,
    })
  })
})

const complete: PartEnd = { state: 'complete', errorMessage: undefined, accepted: 2, rejected: 1 }
const files: Readonly<Record<string, string>> = {
  successfulResults: '"sf__Id","sf__Created",Name\n"001A","true","Acme"\n"001B","false","two\nlines, ""quoted"""\n',
  failedResults:
    '"sf__Id","sf__Error",Name\n"","REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --",""\n',
  unprocessedrecords: 'Name\nlate\n',
}
const fileStep: Step = ({ url }) => csv(files[url.split('/').at(-1) ?? ''] ?? '')
const csv = (text: string): Reply => ({ headers: { 'content-type': 'text/csv' }, text })

/** Answers with the length of the whole file, but only `bytes` of it. */
const cut =
  (text: string, bytes: number): Step =>
  (_, response) => {
    response.writeHead(200, { 'content-type': 'text/csv', 'content-length': Buffer.byteLength(text) })
    response.write(text.slice(0, bytes), () => response.destroy())
    return undefined
  }

async function readAll(transport: ReturnType<typeof createBulkTransport>, end: PartEnd, rows: number) {
  const found: unknown[] = []
  for await (const answers of transport.results({ id: '750A' }, end, rows)) {
    if ('placed' in answers) throw new Error('Bulk API 2.0 echoes')
    const { verdict, header, records } = answers
    for (let record = 0; record < records.count; record++) found.push([verdict, header, recordCells(records, record)])
  }
  return found
}

describe('the results of a job', () => {
  test('are read file by file, rows with quotes and line ends whole', async () => {
    const { transport, heard, temporaryFolder } = await openTransport(fileStep)
    expect(await readAll(transport, complete, 4)).toEqual([
      ['accepted', ['sf__Id', 'sf__Created', 'Name'], ['001A', 'true', 'Acme']],
      ['accepted', ['sf__Id', 'sf__Created', 'Name'], ['001B', 'false', 'two\nlines, "quoted"']],
      [
        'rejected',
        ['sf__Id', 'sf__Error', 'Name'],
        ['', 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --', ''],
      ],
      ['unprocessed', ['Name'], ['late']],
    ])
    expect(heard.every(({ headers }) => headers['accept-encoding'] === 'gzip')).toBe(true)
    expect(await readdir(temporaryFolder)).toEqual([])
  })

  test.each([
    [{ ...complete, accepted: 2, rejected: 0 }, 2, ['successfulResults']],
    [{ ...complete, accepted: 0, rejected: 1 }, 1, ['failedResults']],
    [{ ...complete, accepted: 2, rejected: 1 }, 3, ['successfulResults', 'failedResults']],
    [{ ...complete, state: 'failed', accepted: 0, rejected: 0 }, 1, ['unprocessedrecords']],
    [{ ...complete, accepted: 0, rejected: 0 }, 0, []],
  ] as const)('cost a call only for the files that have rows by the counters: %j of %i', async (end, rows, asked) => {
    const { transport, heard } = await openTransport(fileStep)
    await readAll(transport, end, rows)
    expect(heard.map(({ url }) => url.split('/').at(-1))).toEqual(asked)
  })

  test('are looked for in the other files, too, when rows are missing', async () => {
    const { transport } = await openTransport(fileStep)
    const failed: PartEnd = { state: 'failed', errorMessage: 'InternalServerError', accepted: 0, rejected: 0 }
    expect(await readAll(transport, failed, 4)).toHaveLength(4)
  })

  test.each([
    ['breaks off', cut(files.successfulResults ?? '', 40)],
    ['ends within a cell', () => csv((files.successfulResults ?? '').slice(0, -15))],
    ['is a page', page],
    ['has too few rows', () => csv((files.successfulResults ?? '').split('\n').slice(0, 2).join('\n'))],
  ] as const)('come once each although the first answer %s', async (_, first) => {
    const { transport, heard } = await openTransport([first, fileStep])
    const found = await readAll(transport, { ...complete, rejected: 0 }, 2)
    expect(found.map((row) => (row as [string, string[], string[]])[2][0])).toEqual(['001A', '001B'])
    expect(heard).toHaveLength(2)
  })

  test('are read of each file that has rows by the counters, although another one has more than it should', async () => {
    const more = `${files.successfulResults}"001X","true","of nobody"\n`
    const { transport } = await openTransport((request, response) =>
      request.url.endsWith('successfulResults') ? csv(more) : fileStep(request, response),
    )
    expect(await readAll(transport, complete, 3)).toHaveLength(4)
  })

  test('are fetched again where a page came for a file that has no rows by the counters', async () => {
    let pages = 0
    const { transport } = await openTransport((request, response) =>
      request.url.endsWith('failedResults') && pages++ === 0 ? page(request, response) : fileStep(request, response),
    )
    const failed: PartEnd = { state: 'failed', errorMessage: 'InternalServerError', accepted: 2, rejected: 0 }
    expect(await readAll(transport, failed, 4)).toHaveLength(4)
  })

  test('may begin with a byte order mark', async () => {
    const { transport } = await openTransport(() => csv(`\uFEFF${files.successfulResults}`))
    const found = await readAll(transport, { ...complete, rejected: 0 }, 2)
    expect(found[0]).toEqual(['accepted', ['sf__Id', 'sf__Created', 'Name'], ['001A', 'true', 'Acme']])
  })

  test('are given as they are when the file stays short', async () => {
    const { transport, heard } = await openTransport(({ url }) =>
      url.endsWith('successfulResults') ? csv('"sf__Id","sf__Created",Name\n"001A","true","Acme"\n') : csv(''),
    )
    expect(await readAll(transport, { ...complete, rejected: 0 }, 2)).toHaveLength(1)
    expect(heard.filter(({ url }) => url.endsWith('successfulResults'))).toHaveLength(3)
  })

  test('are an error when every answer breaks off', async () => {
    const { transport, temporaryFolder } = await openTransport(cut(files.successfulResults ?? '', 40))
    await expect(readAll(transport, { ...complete, rejected: 0 }, 2)).rejects.toMatchObject({ code: 'RESULT_CUT' })
    expect(await readdir(temporaryFolder)).toEqual([])
  })

  test('leave no file behind when the reader stops', async () => {
    const { transport, temporaryFolder } = await openTransport(fileStep)
    for await (const _ of transport.results({ id: '750A' }, complete, 3)) break
    expect(await readdir(temporaryFolder)).toEqual([])
  })
})

describe('the limits of a part', () => {
  test('are those of the service, and a smaller size where one is asked for', () => {
    const { org } = openOrg('http://127.0.0.1:1', fakeTools())
    expect(createBulkTransport(org).limits).toEqual({ maxBytes: 100_000_000, maxRows: 1_000_000, smallBytes: 20_000 })
    expect(createBulkTransport(org, { jobBytes: 5_000 }).limits.maxBytes).toBe(5_000)
  })
})

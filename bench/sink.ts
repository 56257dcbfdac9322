// A server that takes and answers Bulk API 2.0 as fast as it can, in a process of its own: what is measured against it is the
// client. `node sink.js FOLDER PAGES [CERTIFICATE]` keeps result files in FOLDER and serves the query pages in PAGES; its first
// line on standard output is its address, and behind it the one where it speaks TLS, given a folder with key.pem and cert.pem.
// It is told what to do by PUT /bench (`SinkSettings`), and tells its times by GET /bench.
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import type { AddressInfo, Server } from 'node:net'
import { join } from 'node:path'
import { pageRows } from './query-pages.ts'
import { ShapedLink } from './shaped-link.ts'
import { sinkFields } from './sink-fields.ts'
import { SinkIngest } from './sink-ingest.ts'
import type { SinkReport, SinkSettings } from './sink-process.ts'

const [folder = '.', pagesFolder = '.', certificate] = process.argv.slice(2)
const ingest = new SinkIngest(folder)
let settings: SinkSettings = {}
let link: ShapedLink | undefined

const addresses = [`http://127.0.0.1:${await listen(createServer(serve))}`]
if (certificate !== undefined) {
  const key = await readFile(join(certificate, 'key.pem'))
  const cert = await readFile(join(certificate, 'cert.pem'))
  addresses.push(`https://127.0.0.1:${await listen(createTlsServer({ key, cert }, serve))}`)
}
process.stdout.write(`${addresses.join(' ')}\n`)

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

function serve(request: IncomingMessage, response: ServerResponse): void {
  answer(request, response).catch((error: unknown) => {
    response.statusCode = 500
    response.end(JSON.stringify([{ errorCode: 'SINK', message: String(error) }]))
  })
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request
  // The Salesforce CLI writes two slashes at the beginning.
  const [path = '', search = ''] = url.replace(/^\/+/, '/').split('?')
  const place = path.replace(/^\/services\/data(\/v\d+\.0)?\/?/, '').replace(/\/$/, '')
  const [, family, id = '', what] = place.split('/')

  if (path === '/bench') return method === 'PUT' ? set(await readJson(request), response) : tell(response)
  if (path === '/discard') {
    await ingest.read(request, link)
    return void response.end()
  }
  if (path === '/services/oauth2/userinfo') return json(response, userInformation)
  // What the Salesforce CLI asks when it logs in: the user, the organization.
  if (place === 'query') return json(response, { totalSize: 1, done: true, records: [organization] })
  if (place === '') return json(response, [{ label: 'sink', url: '/services/data/v66.0', version: '66.0' }])
  if (place.startsWith('sobjects/User/')) return json(response, organization)
  if (place.startsWith('sobjects/')) return json(response, accountDescription)
  if (family === 'query') return answerQuery(method, id, what, search, request, response)
  if (method === 'PUT') {
    await ingest.upload(id, request, link)
    response.statusCode = 201
    response.end()
    return
  }
  if (method === 'POST') return await createIngest(request, response)
  if (method === 'PATCH') {
    const { state } = await readJson<{ state: string }>(request)
    return json(response, state === 'Aborted' ? { id, state } : await ingest.close(id))
  }
  if (what === undefined) return json(response, await ingest.state(id, settings.holdRows ?? 0))
  return sendFile(response, await ingest.resultFile(id, what))
}

/** A job whose rows come by themselves, or with the request that creates it. */
async function createIngest(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const boundary = /boundary=(.+)$/.exec(request.headers['content-type'] ?? '')?.[1]
  const body = await readBody(request)
  const job = ingest.create()
  if (boundary !== undefined) {
    const at = body.indexOf('\r\n\r\n', body.indexOf('name="content"')) + 4
    await ingest.takeWhole(job.id, body.subarray(at, body.lastIndexOf(`\r\n--${boundary}--`)))
  }
  json(response, job)
}

function answerQuery(
  method: string,
  id: string,
  what: string | undefined,
  search: string,
  request: IncomingMessage,
  response: ServerResponse,
): void | Promise<void> {
  const pages = Math.ceil((settings.queryRows ?? 0) / pageRows)
  const from = Number(new URLSearchParams(search).get('locator') ?? 0)
  if (method === 'POST') return json(response, { id: '750bmquery000000AAA', state: 'UploadComplete' })
  if (what === undefined)
    return json(response, { id, state: 'JobComplete', numberRecordsProcessed: settings.queryRows })
  const base = `/services/data/v66.0/jobs/query/${id}`
  if (what.toLowerCase() === 'resultpages') {
    const until = Math.min(from + 5, pages)
    const resultPages = []
    for (let page = from; page < until; page++) resultPages.push({ resultUrl: `${base}/results?locator=${page}` })
    const done = until === pages
    return json(response, { resultPages, done, nextRecordsUrl: done ? null : `${base}/resultPages?locator=${until}` })
  }
  response.setHeader('sforce-locator', from + 1 < pages ? String(from + 1) : 'null')
  response.setHeader('sforce-numberofrecords', String(pageRows))
  const isPacked = settings.gzip === true && /\bgzip\b/.test(String(request.headers['accept-encoding']))
  if (isPacked) response.setHeader('content-encoding', 'gzip')
  return sendFile(response, join(pagesFolder, isPacked ? `${from}.csv.gz` : `${from}.csv`))
}

function set(wanted: SinkSettings, response: ServerResponse): void {
  settings = wanted
  link = settings.linkBytes === undefined ? undefined : new ShapedLink(settings.linkBytes)
  ingest.restart()
  json(response, {})
}

function tell(response: ServerResponse): void {
  const { times, bytes, lastJob, uploads } = ingest
  const report: SinkReport = {
    closedSeconds: (times.closed - times.restarted) / 1000,
    uploadSeconds: (times.closed - times.created) / 1000,
    joinSeconds: (performance.now() - times.firstResult) / 1000,
    bytes,
    lastJob,
    uploads,
  }
  json(response, report)
}

async function sendFile(response: ServerResponse, path: string | undefined): Promise<void> {
  response.setHeader('content-type', 'text/csv')
  if (path === undefined) return void response.end()
  response.setHeader('content-length', (await stat(path)).size)
  const bytes = createReadStream(path, { highWaterMark: 1 << 20 })
  if (link === undefined) bytes.pipe(response)
  else await sendThrough(link, bytes, response)
}

async function sendThrough(shaped: ShapedLink, bytes: AsyncIterable<Buffer>, response: ServerResponse): Promise<void> {
  for await (const chunk of bytes) {
    await shaped.put(chunk.length)
    if (!response.write(chunk)) await once(response, 'drain')
  }
  response.end()
}

function json(response: ServerResponse, value: unknown): void {
  response.setHeader('content-type', 'application/json')
  response.end(JSON.stringify(value))
}

async function readJson<Value>(request: IncomingMessage): Promise<Value> {
  return JSON.parse((await readBody(request)).toString()) as Value
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const userInformation = {
  user_id: '005bm000000000AAAA',
  organization_id: '00Dbm000000000AAAA',
  preferred_username: 'bench@example.com',
}

const organization = {
  attributes: { type: 'Organization', url: '' },
  Id: userInformation.organization_id,
  Name: 'Sink',
  InstanceName: 'SINK',
  IsSandbox: false,
  NamespacePrefix: null,
  TrialExpirationDate: null,
  Username: userInformation.preferred_username,
}

const accountDescription = {
  name: 'Account',
  label: 'Account',
  keyPrefix: '001',
  createable: true,
  updateable: true,
  deletable: true,
  queryable: true,
  fields: sinkFields,
}

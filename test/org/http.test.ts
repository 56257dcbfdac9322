import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { describe, expect, onTestFinished, test } from 'vitest'
import { RunError } from '../../src/errors.ts'
import { createHttpClient, type HttpRequest, type HttpTimeouts } from '../../src/org/http.ts'
import { classifyNetworkError, failureKinds, NetworkError } from '../../src/org/network-error.ts'
import { readNetworkSettings } from '../../src/org/network-settings.ts'
import { makeCertificate } from '../support/certificates.ts'
import { startProxy } from '../support/proxy.ts'
import { startTlsFront } from '../support/tls-front.ts'

async function listen(server: Server): Promise<URL> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
}

async function serve(listener: RequestListener) {
  const server = createServer(listener)
  const url = await listen(server)
  onTestFinished(() => server.closeAllConnections())
  return { server, url }
}

function open(timeouts?: HttpTimeouts) {
  const client = createHttpClient({ timeouts })
  onTestFinished(() => client.close())
  return {
    get: (url: URL, options: Partial<HttpRequest> = {}) => client.send({ method: 'GET', url, headers: {}, ...options }),
    put: (url: URL, body: HttpRequest['body']) => client.send({ method: 'PUT', url, headers: {}, body }),
  }
}

async function drain(body: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {}
  const promise = new Promise<void>((done) => {
    resolve = done
  })
  return { promise, resolve }
}

const failureOf = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  )

describe('a body on its way out', () => {
  test('arrives whole, although its chunks share one buffer', async () => {
    const { url } = await serve(async (request, response) => response.end((await drain(request)).toString('base64')))
    const shared = Buffer.alloc(700_000)
    const sent: Buffer[] = []
    const body = (async function* () {
      for (const [index, size] of [10, 700_000, 699_999, 1, 500_000, 0, 3].entries()) {
        shared.fill(index + 65, 0, size)
        sent.push(Buffer.from(shared.subarray(0, size)))
        yield shared.subarray(0, size)
      }
    })()
    const answer = await open().put(url, body)
    expect((await drain(answer.body)).toString()).toBe(Buffer.concat(sent).toString('base64'))
    expect(answer.bytesSent()).toBe(1_900_013)
  })

  test('is only read as fast as it is taken, and let go when it is refused', async () => {
    const { url } = await serve((request, response) => {
      request.pause()
      response.writeHead(400).end('enough')
    })
    let made = 0
    const { promise: released, resolve: release } = withResolvers()
    const body = (async function* () {
      try {
        for (; made < 1_000; made++) yield Buffer.alloc(1024 * 1024)
      } finally {
        release()
      }
    })()
    const answer = await open().put(url, body)
    expect(answer.status).toBe(400)
    expect((await drain(answer.body)).toString()).toBe('enough')
    await released
    expect(made).toBeLessThan(100)
  })

  test('fails with the error of its source', async () => {
    const { url } = await serve((request) => void request.resume())
    const broken = new Error('disk gone')
    const body = (async function* () {
      yield Buffer.from('Name\n')
      throw broken
    })()
    expect(await failureOf(open().put(url, body))).toBe(broken)
  })

  test('breaks off with the connection, and says that it may have arrived', async () => {
    const { url } = await serve((request) => void request.once('data', () => request.destroy()))
    const body = (async function* () {
      for (;;) yield Buffer.alloc(100_000)
    })()
    const failure = await failureOf(open().put(url, body))
    expect(failure).toBeInstanceOf(NetworkError)
    expect(failure).toMatchObject({ code: 'CONNECTION_LOST', mayHaveArrived: true })
  })
})

describe('an answer', () => {
  const text = Array.from({ length: 200_000 }, (_, index) => `row ${index}`).join('\n')

  test('is unpacked, and its bytes are counted as they came', async () => {
    const packed = gzipSync(text)
    const { url } = await serve((request, response) => {
      expect(request.headers['accept-encoding']).toBe('gzip')
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(packed)
    })
    const answer = await open().get(url)
    expect((await drain(answer.body)).toString()).toBe(text)
    expect(answer.bytesReceived()).toBeGreaterThan(packed.length)
    expect(answer.bytesReceived()).toBeLessThan(packed.length + 1_000)
  })

  test.each(['http', 'https'])('by %s stays as it came while more of it comes', async (protocol) => {
    const lines = Array.from({ length: 100_000 }, (_, index) => `line ${index}\n`)
    const body = Buffer.from(lines.join(''))
    const { url } = await serve((_, response) => response.end(body))
    const certificate = makeCertificate()
    const client = createHttpClient({
      network: { proxyFor: () => undefined, certificates: [certificate.cert], certificateFile: undefined },
    })
    onTestFinished(() => client.close())
    const from = protocol === 'http' ? url : new URL(await startTlsFront({ url: url.origin }, certificate))
    const answer = await client.send({ method: 'GET', url: from, headers: {} })
    // All pieces are kept until the last one is there, and the reader is slower than the connection.
    const pieces: Buffer[] = []
    for await (const piece of answer.body) {
      pieces.push(piece)
      await new Promise(setImmediate)
    }
    expect(Buffer.concat(pieces).equals(body)).toBe(true)
  })

  test.each(['http', 'https', 'https through a proxy'])('by %s that ends with its connection is whole', async (way) => {
    const body = Buffer.alloc(3_000_000, 'row\n')
    const certificate = makeCertificate()
    const answer = (socket: Socket) =>
      socket.once('data', () => socket.end(Buffer.concat([Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), body])))
    const server = way === 'http' ? createTcpServer(answer) : createTlsServer(certificate, answer)
    const { port } = await listen(server)
    const client = createHttpClient({
      network: readNetworkSettings({
        SFBULK_CA_FILE: certificate.file,
        ...(way.endsWith('proxy') ? { HTTPS_PROXY: `http://127.0.0.1:${(await startProxy()).port}` } : {}),
      }),
    })
    onTestFinished(() => client.close())
    const url = new URL(`${way.split(' ')[0]}://localhost:${port}/`)
    const received = await drain((await client.send({ method: 'GET', url, headers: {} })).body)
    expect(received.equals(body)).toBe(true)
  })

  test.each([204, 304])('of %i has no body, whatever its headers say', async (status) => {
    const { url } = await serve((_, response) => response.writeHead(status, { 'content-encoding': 'gzip' }).end())
    expect(await drain((await open().get(url)).body)).toHaveLength(0)
  })

  test.each([
    ['content length', { 'content-length': String(text.length) }, Buffer.from(text).subarray(0, 500_000), 'destroy'],
    ['chunks', {}, Buffer.from(text).subarray(0, 500_000), 'destroy'],
    ['packed chunks', { 'content-encoding': 'gzip' }, gzipSync(text).subarray(0, 100_000), 'destroy'],
    ['a packed text without its trailer', { 'content-encoding': 'gzip' }, gzipSync(text).subarray(0, -8), 'end'],
    [
      'a packed text with a wrong trailer',
      { 'content-encoding': 'gzip' },
      Buffer.concat([gzipSync(text).subarray(0, -8), Buffer.alloc(8)]),
      'end',
    ],
  ])('that breaks off is an error: %s', async (_, headers: Record<string, string>, bytes, end) => {
    const { url } = await serve((_request, response) => {
      response.writeHead(200, headers)
      response.write(bytes, () => (end === 'end' ? response.end() : response.destroy()))
    })
    const failure = await failureOf(
      open()
        .get(url)
        .then(({ body }) => drain(body)),
    )
    expect(failure).toBeInstanceOf(NetworkError)
    expect(failure).toMatchObject({ code: 'ANSWER_CUT', mayHaveArrived: true })
  })

  test.each([{}, { 'content-encoding': 'gzip' }])('may be left before its end: %o', async (headers: Record<
    string,
    string
  >) => {
    const { url } = await serve((_, response) => {
      response.writeHead(200, headers).end(headers['content-encoding'] === undefined ? text : gzipSync(text))
    })
    const { body } = await open().get(url)
    const closed = new Promise((resolve) => body.once('close', resolve))
    for await (const chunk of body) {
      expect(chunk.length).toBeGreaterThan(0)
      break
    }
    await closed
  })

  test('that is not HTTP is explained', async () => {
    const url = await listen(
      createTcpServer((socket) => void socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.6\r\n')),
    )
    expect(await failureOf(open().get(url))).toMatchObject({ code: 'NOT_HTTP' })
  })

  test('in an encoding that nobody asked for is refused', async () => {
    const { url } = await serve((_, response) => response.writeHead(200, { 'content-encoding': 'br' }).end('x'))
    const failure = await failureOf(open().get(url))
    expect(failure).toBeInstanceOf(RunError)
    expect(failure).toMatchObject({ code: 'ENCODING' })
  })

  test('is followed by the next one on the same connection', async () => {
    const { server, url } = await serve((_, response) => response.end('ok'))
    let connections = 0
    server.on('connection', () => {
      connections += 1
    })
    const client = open()
    for (let request = 0; request < 5; request++) await drain((await client.get(url)).body)
    expect(connections).toBe(1)
  })

  test('that points elsewhere is not followed', async () => {
    const { url } = await serve((_, response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end())
    expect((await open().get(url)).status).toBe(302)
  })
})

describe('a host', () => {
  test('where nobody listens', async () => {
    const failure = await failureOf(open().get(new URL('http://127.0.0.1:9/')))
    expect(failure).toMatchObject({ code: 'CONNECTION_REFUSED', mayHaveArrived: false })
    expect(String(failure)).toContain('127.0.0.1:9 refuses connections')
  })

  test('that does not speak TLS', async () => {
    const { url } = await serve((_, response) => response.end())
    const failure = await failureOf(open().get(new URL(`https://${url.host}/`)))
    expect(failure).toMatchObject({ code: 'TLS', exitCode: 1 })
  })

  test('that never finishes the TLS handshake', async () => {
    const url = await listen(createTcpServer((socket) => socket.on('error', () => {})))
    const failure = await failureOf(open({ connect: 30, silence: 5_000 }).get(new URL(`https://${url.host}/`)))
    expect(failure).toMatchObject({ code: 'CONNECT_TIMEOUT', mayHaveArrived: false })
  })

  test('that takes the request and falls silent', async () => {
    const { url } = await serve(() => {})
    const failure = await failureOf(open({ connect: 5_000, silence: 30 }).get(url))
    expect(failure).toMatchObject({ code: 'NO_ANSWER', mayHaveArrived: true })
  })

  test('that falls silent in the middle of its answer', async () => {
    const { url } = await serve((_, response) => void response.writeHead(200).write('half'))
    const failure = await failureOf(
      open({ connect: 5_000, silence: 30 })
        .get(url)
        .then(({ body }) => drain(body)),
    )
    expect(failure).toMatchObject({ code: 'NO_ANSWER' })
  })
})

describe('a caller that gives up', () => {
  test('gets its own reason while it waits for the answer', async () => {
    const controller = new AbortController()
    const reason = new Error('time over')
    const { url } = await serve(() => controller.abort(reason))
    expect(await failureOf(open().get(url, { signal: controller.signal }))).toBe(reason)
  })

  test('gets its own reason while it reads the answer, packed or not', async () => {
    for (const headers of [{}, { 'content-encoding': 'gzip' }]) {
      const { url } = await serve(
        (_, response) => void response.writeHead(200, headers).write(gzipSync('x').subarray(0, 15)),
      )
      const controller = new AbortController()
      const reason = new Error('time over')
      const answer = await open().get(url, { signal: controller.signal })
      controller.abort(reason)
      expect(await failureOf(drain(answer.body))).toBe(reason)
    }
  })
})

test('many requests may share one signal or one connection without a warning', async () => {
  const { url } = await serve((_, response) => response.end('ok'))
  const warnings: Error[] = []
  const onWarning = (warning: Error) => warnings.push(warning)
  process.on('warning', onWarning)
  onTestFinished(() => void process.off('warning', onWarning))
  const { signal } = new AbortController()
  const client = open()
  const answers = await Promise.all(Array.from({ length: 30 }, () => client.get(url, { signal })))
  await Promise.all(answers.map(({ body }) => drain(body)))
  for (let request = 0; request < 30; request++) await drain((await client.get(url, { signal })).body)
  expect(warnings).toEqual([])
})

test.each([
  'before',
  'while',
  'after',
])('giving up %s a whole answer is read leaves it and its connection alone', async (when) => {
  const { server, url } = await serve((_, response) => response.end('ok'))
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  const client = open()
  for (let request = 0; request < 3; request++) {
    const controller = new AbortController()
    const answer = await client.get(url, { signal: controller.signal })
    if (when === 'before') controller.abort()
    if (when === 'while') answer.body.once('data', () => controller.abort())
    if (when === 'after') answer.body.once('end', () => controller.abort())
    expect(String(await drain(answer.body))).toBe('ok')
  }
  expect(connections).toBe(1)
})

test.each([
  ['ENOTFOUND', failureKinds.notFound],
  ['EAI_AGAIN', failureKinds.notFound],
  ['EHOSTUNREACH', failureKinds.unreachable],
  ['ETIMEDOUT', failureKinds.connectTimeout],
  ['ECONNRESET', failureKinds.lost],
  ['SELF_SIGNED_CERT_IN_CHAIN', failureKinds.tls],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', failureKinds.tls],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', failureKinds.tls],
  ['CERT_HAS_EXPIRED', failureKinds.tls],
  ['ERR_TLS_CERT_ALTNAME_INVALID', failureKinds.tls],
  ['ENOSPC', undefined],
])('the system error %s is understood', (code, kind) => {
  expect(classifyNetworkError(Object.assign(new Error('x'), { code }))).toBe(kind)
})

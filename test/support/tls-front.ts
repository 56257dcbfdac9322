import { request } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

/** Serves an org by TLS: hands each request on, and puts its own address in the place of the org's into each answer. */
export async function startTlsFront(org: { readonly url: string }, certificate: { key: string; cert: string }) {
  const server = createServer(certificate, (incoming, outgoing) => {
    const { method, headers, url } = incoming
    const { 'accept-encoding': _, ...kept } = headers
    const handed = request(`${org.url}${url}`, { method, headers: kept }, async (answer) => {
      const pieces: Buffer[] = []
      for await (const piece of answer) pieces.push(piece)
      const { 'content-length': __, ...rest } = answer.headers
      outgoing.writeHead(answer.statusCode ?? 500, rest)
      outgoing.end(Buffer.concat(pieces).toString().replaceAll(org.url, front))
    })
    incoming.pipe(handed)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const front = `https://localhost:${(server.address() as AddressInfo).port}`
  return front
}

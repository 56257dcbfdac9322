import { createServer } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

export interface ProxyOptions {
  /** `user:password` that it demands. */
  readonly login?: string
  /** Status that it answers in place of letting anything through. */
  readonly refuses?: number
  /** What it answers in place of that before it hangs up. */
  readonly breaksOffAfter?: string
}

/** A proxy that tunnels, for the running test. `through` lists where connections went. */
export async function startProxy({ login, refuses, breaksOffAfter }: ProxyOptions = {}) {
  const through: string[] = []
  const sockets = new Set<Socket>()
  const server = createServer((_, response) => response.writeHead(400).end())
  server.on('connection', (socket) => sockets.add(socket))
  server.on('connect', (request, socket, head) => {
    const wanted = login && `Basic ${Buffer.from(login).toString('base64')}`
    const status = wanted && request.headers['proxy-authorization'] !== wanted ? 407 : refuses
    if (status !== undefined) {
      socket.end(`HTTP/1.1 ${status} No\r\nProxy-Authenticate: Basic realm="proxy"\r\nContent-Length: 0\r\n\r\n`)
      return
    }
    if (breaksOffAfter !== undefined) {
      socket.end(breaksOffAfter)
      return
    }
    through.push(request.url ?? '')
    const { hostname, port } = new URL(`http://${request.url}`)
    const target = connect(Number(port), hostname, () => {
      socket.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      target.write(head)
      target.pipe(socket).pipe(target)
    })
    sockets.add(target)
    for (const end of [socket, target]) end.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, through }
}

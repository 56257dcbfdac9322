import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished } from 'vitest'
import { createHttpClient } from '../../src/org/http.ts'
import { createRedactor } from '../../src/org/redact.ts'
import { createOrg, type OrgTools } from '../../src/org/request.ts'
import type { Session } from '../../src/org/session.ts'

/** A request as the server saw it. */
export interface Heard {
  readonly method: string
  readonly url: string
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

/** Answers one request; returns nothing when it has written to `response` itself. */
export type Step = (heard: Heard, response: ServerResponse) => Reply | undefined

export interface Reply {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly json?: unknown
  readonly text?: string
}

export interface Dialogue {
  readonly url: string
  readonly heard: readonly Heard[]
}

/** A server that answers request after request with the next step, each used once, or every request with the same one. */
export async function startDialogue(script: readonly Step[] | Step): Promise<Dialogue> {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { method = '', url = '', headers } = request
    const step = typeof script === 'function' ? script : script[heard.length]
    heard.push({ method, url, headers, body: Buffer.concat(chunks).toString() })
    const reply = step === undefined ? { status: 418, text: 'nobody expected this' } : step(heard.at(-1)!, response)
    if (reply === undefined) return
    response.writeHead(reply.status ?? 200, {
      ...(reply.json === undefined ? {} : { 'content-type': 'application/json;charset=UTF-8' }),
      ...reply.headers,
    })
    response.end(reply.json === undefined ? reply.text : JSON.stringify(reply.json))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(async () => {
    server.closeAllConnections()
    server.close()
    if (typeof script !== 'function') expect(heard, 'requests of the dialogue').toHaveLength(script.length)
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, heard }
}

/** Tools that never wait; `pauses` and `lines` keep what they were told. */
export function fakeTools(): OrgTools & { readonly pauses: number[]; readonly lines: string[] } {
  const http = createHttpClient()
  onTestFinished(() => http.close())
  const pauses: number[] = []
  const lines: string[] = []
  return {
    http,
    pauses,
    lines,
    redactor: createRedactor(),
    log: (line) => lines.push(line),
    now: () => Date.UTC(2026, 0, 1),
    random: () => 0.5,
    pause: async (milliseconds, signal) => {
      signal?.throwIfAborted()
      pauses.push(milliseconds)
    },
  }
}

/**
 * An org whose logins give the tokens `token-1`, `token-2` and so on; `logins` counts them. A login takes as long as
 * `answered`; null stands for a session that cannot be renewed.
 */
export function openOrg(
  instanceUrl: string,
  tools: OrgTools,
  answered: (() => Promise<unknown>) | null = () => Promise.resolve(),
) {
  const state = { logins: 0 }
  const logIn = async (): Promise<Session> => {
    state.logins += 1
    await answered?.()
    return { accessToken: `token-${state.logins}`, instanceUrl }
  }
  const org = createOrg(
    {
      name: 'ada@example.com',
      username: 'ada@example.com',
      apiVersion: '66.0',
      session: { accessToken: 'token-0', instanceUrl },
      logIn: answered === null ? undefined : logIn,
    },
    tools,
  )
  return { org, state }
}

export const expired: Reply = {
  status: 401,
  json: [{ message: 'Session expired or invalid', errorCode: 'INVALID_SESSION_ID' }],
}

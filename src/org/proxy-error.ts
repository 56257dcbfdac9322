import type { ProxyServer } from './find-proxy.ts'
import { classifyNetworkError, type FailureKind, failureKinds, NetworkError } from './network-error.ts'

/** Why no connection came about by way of a proxy. `%` stands for the proxy. */
const kinds = {
  password: {
    code: 'PROXY_PASSWORD',
    text: 'The proxy % asks for a user name and password, or refuses those given',
    hint: 'Put them into the address: @=http://user:password@% (write @ : / in them as %40 %3A %2F)',
  },
  forbidden: {
    code: 'PROXY_FORBIDS',
    text: 'The proxy % does not let this connection through',
    hint: 'Ask who runs the proxy to admit the login host and the My Domain of the org, port 443.',
    detailed: true,
  },
  noWay: {
    code: 'PROXY_NO_WAY',
    text: 'The proxy % does not reach the host',
    hint: 'Check SF_LOGIN_URL or SF_INSTANCE_URL for a typing error; else try again later.',
    detailed: true,
  },
  unreachable: {
    code: 'PROXY_UNREACHABLE',
    text: 'The proxy % is not reached',
    hint: 'Check the address in @, or list the host in NO_PROXY where there is a direct way.',
    detailed: true,
  },
} as const satisfies Record<string, FailureKind>

/** The proxy answered a CONNECT with something other than 200. RFC 9110, 9.3.6. */
export function explainProxyAnswer(status: number, proxy: ProxyServer): NetworkError {
  if (status === 407) return proxyError(kinds.password, proxy, undefined)
  const kind = [502, 503, 504].includes(status) ? kinds.noWay : kinds.forbidden
  return proxyError(kind, proxy, new Error(`it answers CONNECT with ${status}`))
}

/** The connection to the proxy itself failed; undefined for what is no failure of the network. */
export function explainProxyFailure(error: unknown, proxy: ProxyServer): NetworkError | undefined {
  const kind = classifyNetworkError(error) ?? (isAnswerBroken(error) ? failureKinds.lost : undefined)
  if (kind === undefined) return undefined
  return proxyError(kinds.unreachable, proxy, kind === failureKinds.lost ? new Error('it hangs up') : error)
}

/** `https-proxy-agent` has no code for an answer to CONNECT that ends early or is none; but its texts name the answer. */
function isAnswerBroken(error: unknown): boolean {
  return error instanceof Error && /CONNECT response\b/.test(error.message)
}

/** The variable stands for `@` in the hint. */
function proxyError(kind: FailureKind, { host, variable }: ProxyServer, cause: unknown): NetworkError {
  const hint = kind.hint.replace('@', variable).replace('@%', `@${host}`)
  return new NetworkError({ ...kind, hint }, host, false, cause)
}

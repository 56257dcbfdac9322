import { RunError } from '../errors.ts'

/** The other side was not reached, or the connection broke. */
export class NetworkError extends RunError {
  /** Whether the request may have reached the service although no whole answer came back. */
  readonly mayHaveArrived: boolean

  constructor(kind: FailureKind, where: string, mayHaveArrived: boolean, cause: unknown) {
    const { code, text, hint } = kind
    super(`${text.replace('%', where)}${detail(kind, cause)}`, { code, hint, cause })
    this.mayHaveArrived = mayHaveArrived
  }
}

export interface FailureKind {
  readonly code: string
  /** `%` stands for the host. */
  readonly text: string
  readonly hint: string
  /** Whether the text of the system's own error adds something. */
  readonly detailed?: boolean
}

export const failureKinds = {
  notFound: {
    code: 'HOST_NOT_FOUND',
    text: 'No host is named %',
    hint: 'Check SF_LOGIN_URL or SF_INSTANCE_URL for a typing error, and whether this machine is online.',
  },
  refused: {
    code: 'CONNECTION_REFUSED',
    text: '% refuses connections',
    hint: 'Check the host and the port in SF_LOGIN_URL or SF_INSTANCE_URL; a firewall may also be the reason.',
  },
  unreachable: {
    code: 'HOST_UNREACHABLE',
    text: '% cannot be reached from this machine',
    hint: 'Check the network connection, the VPN and the firewall.',
  },
  connectTimeout: {
    code: 'CONNECT_TIMEOUT',
    text: '% did not take the connection in time',
    hint: 'Check the network connection, the VPN and the firewall.',
  },
  silence: {
    code: 'NO_ANSWER',
    text: '% took the request and then fell silent',
    hint: 'Try again later; status.salesforce.com shows incidents.',
  },
  tls: {
    code: 'TLS',
    text: 'No trusted connection to %',
    hint: 'If a proxy of your company opens encrypted connections, name its certificate: SFBULK_CA_FILE=company.pem',
    detailed: true,
  },
  lost: {
    code: 'CONNECTION_LOST',
    text: 'The connection to % was lost',
    hint: 'Check the network connection and try again.',
    detailed: true,
  },
  garbled: {
    code: 'NOT_HTTP',
    text: '% answered with something that is not HTTP',
    hint: 'Check the port and whether the address begins with https:// in SF_LOGIN_URL or SF_INSTANCE_URL.',
    detailed: true,
  },
  cut: {
    code: 'ANSWER_CUT',
    text: 'The answer of % broke off before its end',
    hint: 'Check the network connection and try again.',
  },
} as const satisfies Record<string, FailureKind>

/** Which kind of failure an error of Node's network modules is; undefined for one that is none. */
export function classifyNetworkError(error: unknown): FailureKind | undefined {
  const code = errorCode(error)
  if (code === undefined) return undefined
  if (code in kindsByCode) return kindsByCode[code]
  if (code.startsWith('HPE_')) return failureKinds.garbled
  return tlsCode.test(code) ? failureKinds.tls : undefined
}

const kindsByCode: Readonly<Record<string, FailureKind>> = {
  ENOTFOUND: failureKinds.notFound,
  EAI_AGAIN: failureKinds.notFound,
  EAI_FAIL: failureKinds.notFound,
  ECONNREFUSED: failureKinds.refused,
  EHOSTUNREACH: failureKinds.unreachable,
  ENETUNREACH: failureKinds.unreachable,
  EHOSTDOWN: failureKinds.unreachable,
  ENETDOWN: failureKinds.unreachable,
  EADDRNOTAVAIL: failureKinds.unreachable,
  ETIMEDOUT: failureKinds.connectTimeout,
  ECONNRESET: failureKinds.lost,
  ECONNABORTED: failureKinds.lost,
  EPIPE: failureKinds.lost,
  ERR_STREAM_PREMATURE_CLOSE: failureKinds.cut,
  Z_BUF_ERROR: failureKinds.cut,
  Z_DATA_ERROR: failureKinds.cut,
}

/** OpenSSL's names for what can be wrong with a certificate, and Node's for a failed handshake. */
const tlsCode =
  /^(CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|ERR_TLS_|ERR_SSL_|EPROTO$)/

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

function detail(kind: FailureKind, cause: unknown): string {
  return kind.detailed && cause instanceof Error && cause.message !== '' ? `: ${cause.message}` : ''
}

import { UsageError } from '../errors.ts'
import type { Environment } from './settings.ts'

/** A machine through which connections go. */
export interface ProxyServer {
  /** With user name and password, if it has them: never to be shown. */
  readonly url: URL
  /** Host and port, for messages. */
  readonly host: string
  /** The variable that named it. */
  readonly variable: string
}

/**
 * The proxy of an encrypted request by the variables that curl reads: `HTTPS_PROXY` or `ALL_PROXY`, unless `NO_PROXY` lists
 * the host, a domain above it, or `*`. Lower case comes first. Plain http goes to this machine only, and past any proxy.
 * Throws `UsageError` for an address that is none.
 */
export function findProxy(url: URL, environment: Environment): ProxyServer | undefined {
  if (url.protocol !== 'https:') return undefined
  const variable = ['https_proxy', 'HTTPS_PROXY', 'all_proxy', 'ALL_PROXY'].find((name) => environment[name])
  if (variable === undefined || isExempt(url, environment.no_proxy || environment.NO_PROXY || '')) return undefined
  return { ...parseProxy(variable, environment[variable] ?? ''), variable }
}

function isExempt({ hostname, port }: URL, list: string): boolean {
  return list
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      const [, name = '', wantedPort] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? []
      if (wantedPort !== undefined && wantedPort !== (port || '443')) return false
      const domain = name.replace(/^\*?\./, '')
      return hostname === domain || hostname.endsWith(`.${domain}`)
    })
}

/** Without a scheme it is `http`, as curl has it. */
function parseProxy(variable: string, text: string): Pick<ProxyServer, 'url' | 'host'> {
  const spelled = text.includes('://') ? text : `http://${text}`
  const url = URL.canParse(spelled) ? new URL(spelled) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.hostname === '') {
    throw new UsageError(`${variable} is no address of an HTTP proxy`, {
      code: 'PROXY_ADDRESS',
      hint: `Write it like ${variable}=http://proxy.example.com:3128, or with user:password@ before the host.`,
    })
  }
  return { url, host: url.host }
}

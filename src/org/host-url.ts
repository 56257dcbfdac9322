import { isIPv4 } from 'node:net'
import { UsageError } from '../errors.ts'

/**
 * Address of an org or login host, without a slash at its end. `https` is assumed; plain http is refused except to this
 * machine, and so is a user name or password inside it. Throws `UsageError` that names the setting.
 */
export function parseHostUrl(setting: string, text: string): string {
  const spelled = /^[a-z][a-z0-9+.-]*:\/\//i.test(text.trim()) ? text.trim() : `https://${text.trim()}`
  if (!URL.canParse(spelled)) throw new UsageError(`${setting} is no address of a host`, { code: 'HOST_URL', hint })
  const url = new URL(spelled)
  if (url.username !== '' || url.password !== '') {
    throw new UsageError(`${setting} contains a user name or password`, { code: 'HOST_URL', hint })
  }
  refusePlainHttp(setting, url)
  if (pageHost.test(url.hostname)) return `https://${url.hostname.replace(pageHost, '.my.salesforce.com')}`
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '')
}

/** Hosts that show pages and do not serve the API; My Domain, which does, has the same name before the first dot. */
const pageHost = /\.(lightning\.force|my\.salesforce-setup)\.com$/

/** Throws `UsageError` for an address over which a password or session would travel in the clear. */
export function refusePlainHttp(setting: string, url: URL): void {
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isThisMachine(url.hostname))) return
  const scheme = url.protocol.slice(0, -1)
  throw new UsageError(`${setting} uses ${scheme}, which would send secrets in the clear: ${url.origin}`, {
    code: 'PLAIN_HTTP',
    hint: `Use https://${url.host}. Plain http is only taken to this machine.`,
  })
}

const hint = 'Write it like https://mycompany.my.salesforce.com'

function isThisMachine(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || (isIPv4(hostname) && hostname.startsWith('127.'))
}

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { rootCertificates } from 'node:tls'
import { UsageError } from '../errors.ts'
import { findProxy, type ProxyServer } from './find-proxy.ts'
import type { Environment } from './settings.ts'

/** How this machine reaches others. */
export interface NetworkSettings {
  /** Undefined where the way is direct. Throws `UsageError` for an address that is none. */
  readonly proxyFor: (url: URL) => ProxyServer | undefined
  /** PEM; undefined for those that Node trusts by itself. */
  readonly certificates: readonly string[] | undefined
  /** For the sign-in doctor: what was read, from where. */
  readonly certificateFile: string | undefined
}

/**
 * Reads `HTTPS_PROXY`, `ALL_PROXY` and `NO_PROXY`, in lower case, too, and `SFBULK_CA_FILE`: PEM certificates that are
 * trusted besides the usual ones. Nothing switches the check of certificates off. Throws `UsageError` for a file that
 * holds none.
 */
export function readNetworkSettings(environment: Environment): NetworkSettings {
  const certificateFile = environment.SFBULK_CA_FILE || undefined
  return {
    proxyFor: (url) => findProxy(url, environment),
    certificates:
      certificateFile === undefined
        ? undefined
        : [...trustedAnyway(environment), ...readCertificates('SFBULK_CA_FILE', certificateFile)],
    certificateFile,
  }
}

/** To name certificates takes the place of those that Node knows, and of `NODE_EXTRA_CA_CERTS`. */
function trustedAnyway({ NODE_EXTRA_CA_CERTS: extra }: Environment): readonly string[] {
  return [...rootCertificates, ...(extra ? readCertificates('NODE_EXTRA_CA_CERTS', extra) : [])]
}

function readCertificates(variable: string, path: string): readonly string[] {
  try {
    const found =
      readFileSync(path, 'utf8').match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? []
    for (const certificate of found) new X509Certificate(certificate)
    if (found.length > 0) return found
  } catch (cause) {
    throw noCertificates(variable, path, cause)
  }
  throw noCertificates(variable, path, undefined)
}

function noCertificates(variable: string, path: string, cause: unknown): UsageError {
  const why = cause instanceof Error ? `cannot be read: ${cause.message}` : 'holds no certificate'
  return new UsageError(`${variable}: ${path} ${why}`, {
    code: 'CA_FILE',
    hint: 'Name a PEM file, with -----BEGIN CERTIFICATE----- in it; your administrator has that of the proxy.',
    cause,
  })
}

import { createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { UsageError } from '../errors.ts'

/** The service takes an assertion that ends within three minutes. Source: Salesforce help, "OAuth 2.0 JWT Bearer Flow". */
const lifetimeSeconds = 180

interface Claims {
  readonly clientId: string
  readonly username: string
  /** Address of the login host or of the My Domain. */
  readonly loginUrl: string
}

/**
 * A JSON Web Token that says who wants to log in, signed with RS256. The audience is the host that is asked: each takes
 * its own address, and External Client Apps take none but that of the My Domain.
 * @param now milliseconds since 1970
 */
export function signAssertion({ clientId, username, loginUrl }: Claims, key: KeyObject, now: number): string {
  const claims = {
    iss: clientId,
    sub: username,
    aud: new URL(loginUrl).origin,
    exp: Math.floor(now / 1000) + lifetimeSeconds,
  }
  const content = [{ alg: 'RS256', typ: 'JWT' }, claims].map(encode).join('.')
  return `${content}.${sign('sha256', Buffer.from(content), key).toString('base64url')}`
}

/** The private key in a PEM file's text. Throws `UsageError` naming the file and showing nothing of it. */
export function parsePrivateKey(path: string, text: string): KeyObject {
  const fault = (what: string, hint: string, cause?: unknown) =>
    new UsageError(`SF_JWT_KEY_FILE: ${path} ${what}`, { code: 'JWT_KEY', hint, cause })
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(text)) {
    const what = /-----BEGIN [A-Z ]+-----/.test(text) ? 'holds a certificate or public key' : 'is no PEM file'
    throw fault(what, 'Name the file with the private key, which begins with -----BEGIN PRIVATE KEY-----')
  }
  let key: KeyObject
  try {
    key = createPrivateKey(text)
  } catch (cause) {
    const isLocked = /ENCRYPTED/.test(text)
    const hint = isLocked
      ? `Unlock it once: openssl pkey -in ${path} -out unlocked.key, and let nobody else read that file.`
      : 'Make a new key, and a certificate of it for the app in Setup.'
    throw fault(isLocked ? 'is locked with a password' : 'is damaged', hint, cause)
  }
  if (key.asymmetricKeyType === 'rsa') return key
  throw fault(`holds a key of the kind ${key.asymmetricKeyType}`, 'Salesforce takes RSA keys of at least 2048 bits.')
}

function encode(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}

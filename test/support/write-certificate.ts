import { execFileSync } from 'node:child_process'
import { join } from 'node:path'

/** Writes a certificate for `localhost` and 127.0.0.1 that nobody trusts by himself, and its key. Paths of PEM files. */
export function writeCertificate(folder: string): { readonly keyFile: string; readonly certificateFile: string } {
  const [keyFile, certificateFile] = [join(folder, 'key.pem'), join(folder, 'cert.pem')]
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
  const kind = ['-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2']
  execFileSync('openssl', ['req', ...kind, '-keyout', keyFile, '-out', certificateFile, ...subject], {
    stdio: 'ignore',
  })
  return { keyFile, certificateFile }
}

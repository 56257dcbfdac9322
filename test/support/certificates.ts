import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { writeCertificate } from './write-certificate.ts'

/** A certificate that only who is told of it trusts, for `localhost` and 127.0.0.1, with its key. PEM. */
export function makeCertificate(): { readonly key: string; readonly cert: string; readonly file: string } {
  const folder = mkdtempSync(join(tmpdir(), 'certificate-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const { keyFile, certificateFile } = writeCertificate(folder)
  return { key: readFileSync(keyFile, 'utf8'), cert: readFileSync(certificateFile, 'utf8'), file: certificateFile }
}

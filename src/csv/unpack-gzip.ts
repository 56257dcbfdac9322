import { pipeline } from 'node:stream'
import { createGunzip } from 'node:zlib'
import { type ExpectedError, RunError, UsageError } from '../errors.ts'

/** Larger chunks than the default of 16 KiB: half the time. */
const unpackedBytes = 256 * 1024

/**
 * Unpacks gzip data; nothing at all is an empty file. Damage is thrown behind what could be unpacked, code `BAD_GZIP`:
 * `UsageError` for what is no gzip data, `RunError` for data that break off, are damaged, or have something else behind them.
 */
export async function* unpackGzip(packed: AsyncIterable<Uint8Array>, name: string): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip({ chunkSize: unpackedBytes })
  // The callback is needed for the errors not to be thrown elsewhere; they come out of the loop below.
  pipeline(packed, gunzip, () => {})
  let isUnpacked = false
  try {
    for await (const chunk of gunzip) {
      isUnpacked = true
      yield chunk
    }
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && String(cause.code).startsWith('Z_'))) throw cause
    if (cause.code === 'Z_BUF_ERROR' && gunzip.bytesWritten === 0) return
    throw damagedGzip(name, cause, isUnpacked)
  }
}

/** `isUnpacked`: the file begins with gzip data. */
function damagedGzip(name: string, cause: Error & { readonly code?: unknown }, isUnpacked: boolean): ExpectedError {
  if (cause.message === 'incorrect header check' && !isUnpacked) {
    return new UsageError(`${name} is not in gzip format`, {
      code: 'BAD_GZIP',
      hint: 'a file whose name ends in .gz is unpacked: rename it if it is a plain CSV',
      cause,
    })
  }
  return new RunError(describeDamage(name, cause), {
    code: 'BAD_GZIP',
    hint: `the file was not written or copied completely: fetch it again and test it with gunzip -t ${name}`,
    cause,
  })
}

function describeDamage(name: string, { code, message }: Error & { readonly code?: unknown }): string {
  if (code === 'Z_BUF_ERROR') return `${name} ends in the middle of its gzip data`
  if (message === 'incorrect header check') return `${name} holds something else behind its gzip data`
  return `${name} holds damaged gzip data: ${message}`
}

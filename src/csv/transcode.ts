import { isUtf8 } from 'node:buffer'

/**
 * UTF-8 of chunks in another encoding. Bytes that are no characters in it become U+FFFD, by which the scanner knows
 * the record as faulty; so does a U+FFFD that the input itself holds.
 */
export async function* transcode(chunks: AsyncIterable<Uint8Array>, encoding: string): AsyncGenerator<Buffer> {
  const decode = decoderFor(encoding)
  for await (const chunk of chunks) yield Buffer.from(decode(chunk, true))
  yield Buffer.from(decode(new Uint8Array(0), false))
}

/** Text of bytes that are all there; `undefined` when some are no characters in the encoding. */
export function decodeText(bytes: Buffer, encoding: string): string | undefined {
  if (encoding === 'utf-8') return isUtf8(bytes) ? bytes.toString() : undefined
  const text = decoderFor(encoding)(bytes, false)
  return text.includes('\ufffd') ? undefined : text
}

/** Decodes one chunk after the other; `more` says that a character may go on in the next one. */
type Decode = (bytes: Uint8Array, more: boolean) => string

function decoderFor(encoding: string): Decode {
  if (encoding === 'windows-1252') return decodeWindows1252
  const decoder = new TextDecoder(encoding)
  return (bytes, more) => decoder.decode(bytes, { stream: more })
}

/** Windows-1252 from 0x80 to 0x9F; elsewhere it is Latin-1. Bytes that it leaves undefined are U+FFFD. */
const windows1252 = '€\ufffd‚ƒ„…†‡ˆ‰Š‹Œ\ufffdŽ\ufffd\ufffd‘’“”•–—˜™š›œ\ufffdžŸ'

/** By hand, because some releases of Node decode this encoding, and it alone, as if it were Latin-1. */
function decodeWindows1252(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString('latin1')
    .replace(/[\x80-\x9f]/g, (character) => windows1252[character.charCodeAt(0) - 0x80] ?? '')
}

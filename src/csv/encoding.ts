import { isAscii, isUtf8 } from 'node:buffer'
import { UsageError } from '../errors.ts'
import { binaryFile } from './file-kinds.ts'

/** How the bytes of an input are to be read. */
export interface Encoding {
  /** WHATWG name: `utf-8`, `utf-16le`, `windows-1252`… */
  readonly name: string
  /** Bytes of the byte order mark that the input begins with, 0 without one. */
  readonly bomBytes: number
}

const byteOrderMarks: readonly { readonly name: string; readonly bytes: Buffer }[] = [
  { name: 'utf-8', bytes: Buffer.of(0xef, 0xbb, 0xbf) },
  { name: 'utf-16le', bytes: Buffer.of(0xff, 0xfe) },
  { name: 'utf-16be', bytes: Buffer.of(0xfe, 0xff) },
]

/**
 * The encoding of an input. A byte order mark decides, then what the user told, then the look of the first bytes:
 * UTF-16 has NULs at every other place; what is sound UTF-8 is taken for that; Windows-1252 is assumed only where
 * nothing looks like UTF-8 and the high bytes stand where letters and punctuation do. Everything else is UTF-8 with
 * faulty records: a wrong guess here would load wrong names without a word.
 *
 * @param sample the first bytes, possibly cut inside a character
 * @param told a WHATWG label such as `latin1`
 * @param name of the input, for messages
 * @throws UsageError for an unknown label (`UNKNOWN_ENCODING`) and for binary files (`NOT_A_CSV`)
 */
export function chooseEncoding(sample: Buffer, told: string | undefined, name: string): Encoding {
  const toldName = told === undefined ? undefined : encodingNamed(told)
  const mark = byteOrderMarks.find(({ bytes }) => sample.subarray(0, bytes.length).equals(bytes))
  if (mark !== undefined) return { name: mark.name, bomBytes: mark.bytes.length }
  if (toldName !== undefined) return { name: toldName, bomBytes: 0 }
  if (sample.includes(0)) {
    const wide = utf16Without(sample)
    if (wide === undefined) throw binaryFile(name)
    return { name: wide, bomBytes: 0 }
  }
  const isLatin = !isUtf8(withoutCutCharacter(sample)) && looksLikeWindows1252(sample)
  return { name: isLatin ? 'windows-1252' : 'utf-8', bomBytes: 0 }
}

/** WHATWG name for one of its labels. Throws `UsageError` for a label that it does not have. */
export function encodingNamed(label: string): string {
  try {
    return new TextDecoder(label).encoding
  } catch (cause) {
    throw new UsageError(`unknown encoding: ${label}`, {
      code: 'UNKNOWN_ENCODING',
      hint: 'common ones: utf-8, utf-16le, windows-1252 (also latin1), windows-1250, iso-8859-2, iso-8859-15, macintosh, shift_jis, gbk, big5, euc-kr',
      cause,
    })
  }
}

/** UTF-16 without a byte order mark: of the line ends, delimiters and Latin letters every second byte is NUL. */
function utf16Without(sample: Buffer): string | undefined {
  const nuls = [0, 0]
  for (let at = 0; at < sample.length; at++) if (sample[at] === 0) nuls[at % 2]!++
  const [even = 0, odd = 0] = nuls
  const enough = sample.length / (isText(sample) ? 3 : 20)
  if (odd > enough && even * 50 < odd) return 'utf-16le'
  if (even > enough && odd * 50 < even) return 'utf-16be'
  return undefined
}

/**
 * Whether what stands between the NULs is sound text in UTF-8, so that a few of them are strays. UTF-16 without Latin letters is
 * not: its bytes read as control characters, or as nothing.
 */
function isText(sample: Buffer): boolean {
  return isUtf8(withoutCutCharacter(sample)) && !sample.some((byte) => byte > 0 && byte < 0x20 && !isLayout(byte))
}

/** Tab, LF or CR. */
function isLayout(byte: number): boolean {
  return byte === 0x09 || byte === 0x0a || byte === 0x0d
}

/** Bytes that Windows-1252 leaves undefined, and two letters (þ, ÿ) so rare that they rather mean something else. */
const strangeBytes = new Set([0x81, 0x8d, 0x8f, 0x90, 0x9d, 0xfe, 0xff])

/** Letters among 0x80 to 0xBF: Š Œ Ž š œ ž Ÿ. From 0xC0 on all are letters but × and ÷. */
const lowLetters = new Set([0x8a, 0x8c, 0x8e, 0x9a, 0x9c, 0x9e, 0x9f])

/** € ‚ „ … ‹ ‘ ’ “ ” • – — ™ › no-break space ¡ £ § © ª « ® ° ± ² ³ ´ µ · º » ¼ ½ ¾ ¿ */
const punctuation = new Set(
  Buffer.from('808284858b91929394959697999ba0a1a3a7a9aaabaeb0b1b2b3b4b5b7babbbcbdbebf', 'hex'),
)

function looksLikeWindows1252(sample: Buffer): boolean {
  let high = 0
  let fitting = 0
  for (let at = 0; at < sample.length; at++) {
    const byte = sample[at]!
    if (byte < 0x80) continue
    if (strangeBytes.has(byte) || isUtf8Sequence(sample, at)) return false
    if (isWordOfOneLetter(sample, at)) continue
    high++
    if (punctuation.has(byte)) fitting++
    else if (isHighLetter(byte) && (isLetter(sample[at - 1]) || isLetter(sample[at + 1]))) fitting++
  }
  return fitting > 0 && fitting >= high * 0.9
}

/** “à”, “è” and “ó” are words, and a column may be called “Ä”: such a letter speaks neither for an encoding nor against it. */
function isWordOfOneLetter(sample: Buffer, at: number): boolean {
  const isBorder = (byte = 0x20) => byte < 0x80 && !isLetter(byte)
  return isHighLetter(sample[at]!) && isBorder(sample[at - 1]) && isBorder(sample[at + 1])
}

function isHighLetter(byte: number): boolean {
  return lowLetters.has(byte) || (byte >= 0xc0 && byte !== 0xd7 && byte !== 0xf7)
}

function isLetter(byte: number | undefined): boolean {
  return byte !== undefined && ((byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a))
}

function isUtf8Sequence(sample: Buffer, at: number): boolean {
  const length = utf8Length(sample[at]!)
  return length > 1 && at + length <= sample.length && isUtf8(sample.subarray(at, at + length))
}

/** Bytes of the character that begins with this byte; 1 where none does. */
function utf8Length(byte: number): number {
  if (byte >= 0xf0) return 4
  if (byte >= 0xe0) return 3
  return byte >= 0xc0 ? 2 : 1
}

/** The sample without the beginning of a character whose other bytes follow it. */
function withoutCutCharacter(sample: Buffer): Buffer {
  for (let back = 1; back <= Math.min(3, sample.length); back++) {
    const at = sample.length - back
    if (utf8Length(sample[at]!) > back) return sample.subarray(0, at)
    if (!isAscii(sample.subarray(at, at + 1)) && utf8Length(sample[at]!) === 1) continue
    break
  }
  return sample
}

import type { PlainTest } from './plain-cell.ts'

/**
 * Whether a cell is plainly an Id: 15 letters and digits, or 18 whose last three fit the capitals among the others.
 * `prefixes`: what it may begin with; undefined where that is not known.
 */
export function plainIdTest(prefixes: ReadonlySet<string> | undefined): PlainTest {
  const allowed = prefixes && [...prefixes].map((prefix) => Buffer.from(prefix))
  return (bytes, start, end) => {
    const length = end - start
    if (length !== 15 && length !== 18) return false
    for (let i = start; i < end; i++) if (kinds[bytes[i]!] === other) return false
    if (length === 18 && !fitsChecksum(bytes, start)) return false
    return allowed === undefined || allowed.some((prefix) => beginsWith(bytes, start, prefix))
  }
}

const other = 0
const capital = 2

/** 1 for digits and small letters, 2 for capitals. */
const kinds = new Uint8Array(256)
for (const character of '0123456789abcdefghijklmnopqrstuvwxyz') kinds[character.charCodeAt(0)] = 1
for (const character of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ') kinds[character.charCodeAt(0)] = capital

const checksumDigits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345')

/** Each of the last three characters says which of five others are capitals, the first in the lowest bit. */
function fitsChecksum(bytes: Buffer, start: number): boolean {
  for (let group = 0; group < 3; group++) {
    let bits = 0
    for (let i = 0; i < 5; i++) if (kinds[bytes[start + group * 5 + i]!] === capital) bits |= 1 << i
    if (bytes[start + 15 + group] !== checksumDigits[bits]) return false
  }
  return true
}

function beginsWith(bytes: Buffer, start: number, prefix: Buffer): boolean {
  return bytes[start] === prefix[0] && bytes[start + 1] === prefix[1] && bytes[start + 2] === prefix[2]
}

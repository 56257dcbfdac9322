const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const checksumDigits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** Marks the ids of a local org: the characters that name the instance in a real one. */
const instance = 'Lc0'

/**
 * The id of an object's `number`th record: three characters of key prefix, the instance, nine of base 62, and the three
 * of checksum that make it safe where case is lost. Ids of one object sort in the order of their numbers.
 */
export function formatId(prefix: string, number: number): string {
  let tail = ''
  for (let rest = number; tail.length < 9; rest = Math.floor(rest / 62)) tail = digits[rest % 62] + tail
  return completeId(prefix + instance + tail)
}

/**
 * The 18-character form of an id of 15 or 18 characters; `undefined` for anything else. The checksum also repairs the
 * case of an id that went through a program which changed it.
 */
export function normalizeId(text: string): string | undefined {
  if (!/^[0-9A-Za-z]+$/.test(text)) return undefined
  if (text.length === 15) return completeId(text)
  if (text.length !== 18) return undefined
  const repaired = repairCase(text)
  return repaired !== undefined && completeId(repaired) === repaired + text.slice(15).toUpperCase()
    ? completeId(repaired)
    : undefined
}

function completeId(id: string): string {
  return id + checksum(id, 0) + checksum(id, 5) + checksum(id, 10)
}

/** One of 32 characters that says which of the five from `start` on are capitals. */
function checksum(id: string, start: number): string {
  let bits = 0
  for (let index = 0; index < 5; index++) {
    const code = id.charCodeAt(start + index)
    if (code >= 65 && code <= 90) bits |= 1 << index
  }
  return checksumDigits.charAt(bits)
}

function repairCase(id: string): string | undefined {
  let repaired = ''
  for (let block = 0; block < 3; block++) {
    const bits = checksumDigits.indexOf(id.charAt(15 + block).toUpperCase())
    if (bits < 0) return undefined
    for (let index = 0; index < 5; index++) {
      const character = id.charAt(block * 5 + index)
      repaired += bits & (1 << index) ? character.toUpperCase() : character.toLowerCase()
    }
  }
  return repaired
}

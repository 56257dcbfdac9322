/**
 * An Id of 15 characters as one of 18; any other text as it is. Each of the three added characters tells which letters of
 * five are capitals, so that the Id survives where case does not count. Source: SOAP API guide, "ID Field Type".
 */
export function longId(id: string): string {
  if (!/^[A-Za-z0-9]{15}$/.test(id)) return id
  return id + [0, 5, 10].map((start) => digits[capitalsOf(id.slice(start, start + 5))]).join('')
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345'

/** A bit for each capital, the first character's being the lowest. */
function capitalsOf(letters: string): number {
  return [...letters].reduce((bits, letter, place) => (/[A-Z]/.test(letter) ? bits | (1 << place) : bits), 0)
}

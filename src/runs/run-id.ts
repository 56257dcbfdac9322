/**
 * Id of a run: its time in UTC and four random characters, such as `20261121-135323-k7qd`. Ids sort by time, and hold
 * nothing that a file name must not. `random`: as `Math.random`.
 */
export function createRunId(now: Date, random: () => number): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  const suffix = Array.from({ length: 4 }, () => alphabet[Math.floor(random() * alphabet.length)]).join('')
  return `${time}-${suffix}`
}

/** Without what is easily misread: 0 and o, 1 and l and i. */
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789'

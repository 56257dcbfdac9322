/**
 * Id of a run: its time in UTC and four characters, such as `20261121-135323-k7qd`: two for the thousandth of a second, so that ids
 * sort by time, and two random ones. Ids hold nothing that a file name must not. `random`: as `Math.random`.
 */
export function createRunId(now: Date, random: () => number): string {
  const time = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '').replace('T', '-')
  const base = alphabet.length
  const fraction = Math.floor((now.getUTCMilliseconds() * base * base) / 1000)
  const places = [Math.floor(fraction / base), fraction % base, random() * base, random() * base]
  return `${time}-${places.map((place) => alphabet[Math.floor(place)]).join('')}`
}

/** In the order of their codes, without what is easily misread: 0 and o, 1 and l and i. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz'

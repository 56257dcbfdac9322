/**
 * The names most like `wanted`, most alike first, any case; none when nothing is near enough to be a slip of the
 * fingers.
 */
export function findNearest(wanted: string, names: Iterable<string>, most = 3): string[] {
  const target = wanted.toLowerCase()
  // At least one character is meant: of two, `Id` is not near to `c0`.
  const limit = Math.min(Math.max(2, Math.floor(target.length / 3)), target.length - 1)
  return [...names]
    .map((name) => ({ name, distance: rank(target, name.toLowerCase(), limit) }))
    .filter(({ distance }) => distance <= limit)
    .sort((a, b) => a.distance - b.distance || a.name.length - b.name.length || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}

/** A forgotten suffix or namespace (`Invoice` for `acme__Invoice__c`) counts as one slip. */
function rank(target: string, name: string, limit: number): number {
  const bare = name.replace(/^[a-z0-9]+__(?=.*__)/, '').replace(/__[a-z]+$/, '')
  const distance = editDistance(target, name, limit)
  return bare === name ? distance : Math.min(distance, 1 + editDistance(target, bare, limit))
}

/** Insertions, deletions, replacements and swaps of neighbours that make one text the other; `limit + 1` for more than `limit`. */
export function editDistance(a: string, b: string, limit = Number.POSITIVE_INFINITY): number {
  if (Math.abs(a.length - b.length) > limit) return limit + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const replaced = last[column - 1]! + (a[row - 1] === b[column - 1] ? 0 : 1)
      let least = Math.min(last[column]! + 1, current[column - 1]! + 1, replaced)
      const isSwap = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      if (isSwap) least = Math.min(least, beforeLast[column - 2]! + 1)
      current.push(least)
    }
    beforeLast = last
    last = current
  }
  return Math.min(last[b.length]!, limit + 1)
}

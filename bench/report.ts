/** One line of the table: a figure and the limit that it is held against. */
export interface Line {
  readonly what: string
  readonly value: number | undefined
  readonly unit: string
  /** `at least` or `at most` so much; a line without one is told for what it is. */
  readonly limit?: { readonly kind: 'least' | 'most'; readonly value: number }
  /** The figures behind a ratio. */
  readonly note?: string
}

/** One line of text: `pass`, `MISS` or nothing, the figure, its limit, and what it is made of. */
export function renderLine({ what, value, unit, limit, note }: Line): string {
  const figure = value === undefined ? 'not measured' : `${round(value)}${unit}`
  const bound = limit === undefined ? '' : `${limit.kind === 'least' ? '≥' : '≤'} ${limit.value}${unit}`
  return `${verdict(value, limit).padEnd(5)}${what.padEnd(64)}${figure.padStart(12)}  ${bound.padEnd(12)}${note ?? ''}`
}

/** Whether a line keeps its limit; one without figure or limit does. */
export function keepsLimit({ value, limit }: Line): boolean {
  return verdict(value, limit) !== 'MISS'
}

function verdict(value: number | undefined, limit: Line['limit']): string {
  if (value === undefined || limit === undefined) return ''
  const kept = limit.kind === 'least' ? value >= limit.value : value <= limit.value
  return kept ? 'pass' : 'MISS'
}

export function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

/** `1.23 s / 0.98 s` */
export function seconds(...values: readonly number[]): string {
  return values.map((value) => `${round(value)} s`).join(' / ')
}

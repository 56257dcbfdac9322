/** Days as text, from the first to the one after the last. */
export type DayRange = readonly [from: string, to: string]

/**
 * The days that a date literal such as `THIS_MONTH` or `LAST_N_DAYS:7` means at a time; `undefined` for an unknown one.
 * Weeks begin on Sunday, the fiscal year is the calendar year, the zone is UTC. Source: SOQL guide, "Date formats and
 * date literals".
 */
export function dateRange(literal: string, now: Date): DayRange | undefined {
  const [name = '', count] = literal.toUpperCase().split(':')
  const number = count === undefined ? undefined : Number(count)
  const span = number === undefined ? namedSpan(name) : countedSpan(name, number)
  if (span === undefined) return undefined
  const { unit, first, last } = span
  return [startOf(unit, now, first), startOf(unit, now, last + 1)]
}

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year'

/** From the `first` to the `last` unit, counted from the current one. */
interface Span {
  readonly unit: Unit
  readonly first: number
  readonly last: number
}

function namedSpan(name: string): Span | undefined {
  switch (name) {
    case 'YESTERDAY':
      return { unit: 'day', first: -1, last: -1 }
    case 'TODAY':
      return { unit: 'day', first: 0, last: 0 }
    case 'TOMORROW':
      return { unit: 'day', first: 1, last: 1 }
    case 'LAST_90_DAYS':
      return { unit: 'day', first: -90, last: 0 }
    case 'NEXT_90_DAYS':
      return { unit: 'day', first: 1, last: 90 }
  }
  const match = /^(LAST|THIS|NEXT)_(?:FISCAL_)?(WEEK|MONTH|QUARTER|YEAR)$/.exec(name)
  const unit = units[match?.[2] ?? '']
  if (unit === undefined) return undefined
  const place = match?.[1] === 'LAST' ? -1 : match?.[1] === 'NEXT' ? 1 : 0
  return { unit, first: place, last: place }
}

/** `LAST_N_DAYS` reaches to the end of today; the other `LAST` spans end before the current unit. */
function countedSpan(name: string, count: number): Span | undefined {
  const match = /^(LAST|NEXT)?_?N_(?:FISCAL_)?(DAY|WEEK|MONTH|QUARTER|YEAR)S(_AGO)?$/.exec(name)
  const unit = units[match?.[2] ?? '']
  if (unit === undefined) return undefined
  if (match?.[3] !== undefined) return { unit, first: -count, last: -count }
  if (match?.[1] === 'NEXT') return { unit, first: 1, last: count }
  return { unit, first: -count, last: unit === 'day' ? 0 : -1 }
}

const units: Readonly<Record<string, Unit>> = {
  DAY: 'day',
  WEEK: 'week',
  MONTH: 'month',
  QUARTER: 'quarter',
  YEAR: 'year',
}

/** First day of the unit that is `offset` units away from the current one. */
function startOf(unit: Unit, now: Date, offset: number): string {
  const year = now.getUTCFullYear()
  const month = now.getUTCMonth()
  const day = now.getUTCDate()
  switch (unit) {
    case 'day':
      return dayText(year, month, day + offset)
    case 'week':
      return dayText(year, month, day - now.getUTCDay() + 7 * offset)
    case 'month':
      return dayText(year, month + offset, 1)
    case 'quarter':
      return dayText(year, Math.floor(month / 3) * 3 + 3 * offset, 1)
    case 'year':
      return dayText(year + offset, 0, 1)
  }
}

function dayText(year: number, month: number, day: number): string {
  return new Date(Date.UTC(year, month, day)).toISOString().slice(0, 10)
}

import { isCalendarDay } from '../../values/read-value.ts'
import { digitParts } from '../transforms/date-pattern.ts'
import { currency } from '../transforms/numbers.ts'

/** How the cells of a column must be read for a field: the keys that an entry gets, and what a person should know. */
export interface SampleFormat {
  /** As they stand in a mapping file: `date: dd.MM.yyyy`, `transform: [trim]`. */
  readonly keys: Readonly<Record<string, unknown>>
  readonly note: string
}

const datePatterns = [
  'yyyy-MM-dd',
  'dd.MM.yyyy',
  'd.M.yyyy',
  'dd/MM/yyyy',
  'MM/dd/yyyy',
  'd/M/yyyy',
  'M/d/yyyy',
  'dd-MM-yyyy',
  'yyyy/MM/dd',
  'yyyyMMdd',
]
const timePatterns = ['HH:mm', 'HH:mm:ss', 'H:mm', 'H:mm:ss']

/** The word for true and the word for false, as people pair them. */
const wordPairs: readonly (readonly [string, string])[] = [
  ['ja', 'nein'],
  ['j', 'n'],
  ['yes', 'no'],
  ['y', 'n'],
  ['wahr', 'falsch'],
  ['oui', 'non'],
  ['sí', 'no'],
  ['si', 'no'],
  ['on', 'off'],
  ['x', ''],
]

/**
 * How the cells of a column are read for a field of this type; undefined where they can go as they are. `style`: how the file writes
 * numbers, where that is known (`findNumberStyle`).
 */
export function findSampleFormat(
  cells: readonly string[],
  type: string,
  style: string | undefined,
): SampleFormat | undefined {
  const given = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  const [first] = given
  if (first === undefined) return undefined
  const format = findByType(given, type, style)
  if (format) return format
  const hasSpaces = cells.some((cell) => cell !== cell.trim())
  return hasSpaces ? { keys: { transform: ['trim'] }, note: 'cells have spaces around them' } : undefined
}

function findByType(given: readonly string[], type: string, style: string | undefined): SampleFormat | undefined {
  switch (type) {
    case 'date':
      return findPattern(given, 'date', datePatterns, 'yyyy-MM-dd')
    case 'datetime': {
      const patterns = datePatterns.flatMap((date) => timePatterns.map((time) => `${date} ${time}`))
      return findPattern(given, 'datetime', patterns, undefined)
    }
    case 'int':
    case 'long':
    case 'double':
    case 'currency':
    case 'percent':
      return findNumbers(given, style)
    case 'boolean':
      return findWords(given)
    default:
      return undefined
  }
}

/** The pattern that reads most cells, the first of several; `own` is the service's, for which nothing need be written. */
function findPattern(
  given: readonly string[],
  kind: 'date' | 'datetime',
  patterns: readonly string[],
  own: string | undefined,
): SampleFormat | undefined {
  const best = findBest(given, patterns, fits)
  if (best === undefined) {
    const isOwn = kind === 'datetime' && given.every((cell) => /^\d{4}-\d\d-\d\dT/.test(cell))
    return isOwn ? undefined : { keys: {}, note: `no ${kind} pattern reads cells such as ${quote(given[0]!)}` }
  }
  const [pattern, ...others] = best.found
  if (pattern === own && best.unread === undefined) return undefined
  // `d/M` reads all that `dd/MM` does; `MM/dd` beside `dd/MM` is a guess.
  const rival = others.find((other) => isMonthFirst(other) !== isMonthFirst(pattern!))
  const zone = kind === 'datetime' ? 'in UTC; name another time zone with zone:' : ''
  const doubt = rival === undefined ? '' : `${rival} fits as well: check it`
  return { keys: { [kind]: pattern }, note: joinNotes(`reads ${quote(best.read)}`, best.unread ?? '', zone, doubt) }
}

/** What reads most of the cells, and more than half of them; with one that it reads, and a note on those that it does not. */
function findBest(
  given: readonly string[],
  formats: readonly string[],
  reads: (cell: string, format: string) => boolean,
): { readonly found: readonly string[]; readonly read: string; readonly unread: string | undefined } | undefined {
  const counts = formats.map((format) => given.filter((cell) => reads(cell, format)).length)
  const most = Math.max(...counts)
  if (most * 2 < given.length || most === 0) return undefined
  const found = formats.filter((_, index) => counts[index] === most)
  const read = given.find((cell) => reads(cell, found[0]!))!
  const odd = given.find((cell) => !reads(cell, found[0]!))
  return { found, read, unread: odd === undefined ? undefined : `does not read ${quote(odd)}` }
}

function joinNotes(...notes: readonly string[]): string {
  return notes.filter((note) => note !== '').join('; ')
}

function isMonthFirst(pattern: string): boolean {
  return pattern.startsWith('M')
}

function fits(cell: string, pattern: string): boolean {
  const parts = digitParts(pattern) ?? []
  const shape = parts.map((part) =>
    'part' in part ? `(\\d{${part.least},${part.most}})` : part.literal.replaceAll('.', '\\.'),
  )
  const digits = new RegExp(`^${shape.join('')}$`).exec(cell)?.slice(1)
  if (digits === undefined) return false
  const values = [0, 0, 0, 0, 0, 0, 0]
  for (const [index, part] of parts.filter((part) => 'part' in part).entries())
    values[part.part] = Number(digits[index])
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = values
  return isCalendarDay(year, month, day) && hour < 24 && minute < 60 && second < 60
}

const numberStyles: readonly (readonly [string, RegExp])[] = [
  ['1.234,56', /^-?(\d+|\d{1,3}(\.\d{3})+)(,\d+)?$/],
  ['1,234.56', /^-?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?$/],
  ['1 234,56', /^-?(\d+|\d{1,3}([ \u00a0\u202f]\d{3})+)(,\d+)?$/],
  ["1'234.56", /^-?(\d+|\d{1,3}(['’]\d{3})+)(\.\d+)?$/],
]

/** The way in which one of the columns writes numbers beyond doubt, which then is that of the others, too. */
export function findNumberStyle(columns: readonly (readonly string[])[]): string | undefined {
  for (const cells of columns) {
    const given = cells.map(bareNumber).filter((cell) => cell !== '')
    const [found, rival] = stylesOf(given)
    if (found !== undefined && rival === undefined && given.some((cell) => /[^\d.-]/.test(cell))) return found
  }
  return undefined
}

function findNumbers(cells: readonly string[], style: string | undefined): SampleFormat | undefined {
  const given = cells.map(bareNumber)
  const own = given.every((cell) => /^-?\d*\.?\d+$/.test(cell)) && given.every((cell, index) => cell === cells[index])
  const grouped = given.filter((cell) => /^-?\d{1,3}\.\d{3}$/.test(cell))
  const isHouseStyle = stylesOf(given).includes(style ?? '')
  if (own && (grouped.length === 0 || !isHouseStyle)) {
    // Without a decimal comma anywhere 1.234 may be both.
    const isDoubtful = grouped.length > 0 && grouped.length === given.filter((cell) => cell.includes('.')).length
    return isDoubtful
      ? { keys: {}, note: `is ${quote(grouped[0]!)} a thousand? Then add number: "1.234,56"` }
      : undefined
  }
  const names = isHouseStyle ? [style!] : numberStyles.map(([name]) => name)
  const best = findBest(given, names, (cell, name) => stylesOf([cell]).includes(name))
  if (best === undefined) return { keys: {}, note: `cells such as ${quote(given[0]!)} are no numbers` }
  const [found, rival] = best.found
  const doubt = rival === undefined ? '' : `${rival} fits as well: check it`
  const read = cells[given.indexOf(best.read)]!
  return { keys: { number: found }, note: joinNotes(`reads ${quote(read)}`, best.unread ?? '', doubt) }
}

function stylesOf(given: readonly string[]): readonly string[] {
  return numberStyles.filter(([, style]) => given.every((cell) => style.test(cell))).map(([name]) => name)
}

/** Without a currency, its sign before it as the styles have it: `number:` reads the other ways to write one, too. */
function bareNumber(cell: string): string {
  const bare = cell.trim().replace(currency, '')
  if (/^\d.*[-−]$/.test(bare)) return `-${bare.slice(0, -1)}`
  return bare.replace(/^[+−](?=\d)/, (sign) => (sign === '+' ? '' : '-'))
}

function findWords(given: readonly string[]): SampleFormat | undefined {
  const words = new Set(given.map((cell) => cell.toLowerCase()))
  if ([...words].every((word) => ['true', 'false', '1', '0'].includes(word))) return undefined
  const pair = wordPairs.find(([yes, no]) => [...words].every((word) => word === yes || word === no))
  const shown = [...words].slice(0, 4).map(quote).join(', ')
  if (!pair) return { keys: {}, note: `which words mean true? It holds ${shown}` }
  // An empty cell leaves the field alone, unless it is one of the pair.
  return { keys: { boolean: { true: [pair[0]], false: [pair[1]] } }, note: `holds ${shown}` }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 30 ? `${text.slice(0, 29)}…` : text)
}

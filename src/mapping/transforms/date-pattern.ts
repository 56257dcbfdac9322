import type { DatePart } from './kernel-step.ts'

/** What a pattern is for, and so which of its letters it may have. */
export type DateKind = 'date' | 'datetime' | 'time'

/** A run of letters such as `yyyy`, or the text between two of them. */
interface Token {
  readonly letters: string
  readonly literal: string
}

/** Letters of Unicode's patterns (UTS 35, as Java and Excel's export filters have them), as Luxon writes the same. */
const dateLetters: Readonly<Record<string, string>> = {
  yyyy: 'yyyy',
  yy: 'yy',
  y: 'y',
  M: 'M',
  MM: 'MM',
  MMM: 'MMM',
  MMMM: 'MMMM',
  L: 'L',
  LL: 'LL',
  LLL: 'LLL',
  LLLL: 'LLLL',
  d: 'd',
  dd: 'dd',
  E: 'EEE',
  EEE: 'EEE',
  EEEE: 'EEEE',
}

const timeLetters: Readonly<Record<string, string>> = {
  H: 'H',
  HH: 'HH',
  h: 'h',
  hh: 'hh',
  m: 'm',
  mm: 'mm',
  s: 's',
  ss: 'ss',
  S: 'u',
  SSS: 'SSS',
  SSSSSS: 'u',
  a: 'a',
}

const offsetLetters: Readonly<Record<string, string>> = {
  X: 'ZZ',
  XX: 'ZZZ',
  XXX: 'ZZ',
  Z: 'ZZZ',
  ZZ: 'ZZ',
  ZZZ: 'ZZZ',
  z: 'z',
}

/** Slips that are easily made, and what is meant. */
const meant: Readonly<Record<string, string>> = { YYYY: 'yyyy', YY: 'yy', DD: 'dd', D: 'd' }

/** The same pattern for Luxon, or what is wrong with it. */
export function readPattern(pattern: string, kind: DateKind): { readonly luxon: string } | { readonly fault: string } {
  const known = {
    ...(kind === 'time' ? {} : dateLetters),
    ...(kind === 'date' ? {} : timeLetters),
    ...(kind === 'datetime' ? offsetLetters : {}),
  }
  const tokens = cutPattern(pattern)
  const wrong = tokens.find(({ letters }) => letters !== '' && known[letters] === undefined)
  if (wrong) {
    const right = meant[wrong.letters]
    const hint = right
      ? `write ${right}`
      : `known are ${Object.keys(known).join(' ')}; letters that stand for themselves go between ' '`
    return { fault: `"${pattern}": ${wrong.letters} is no part of a ${kind}; ${hint}` }
  }
  const missing = missingParts(tokens, kind)
  if (missing !== '') return { fault: `"${pattern}" has no ${missing}` }
  const quoted = (literal: string) => (/['a-zA-Z]/.test(literal) ? `'${literal}'` : literal)
  return { luxon: tokens.map(({ letters, literal }) => (letters === '' ? quoted(literal) : known[letters])).join('') }
}

/** Whether a moment is told by the pattern itself. */
export function hasOffset(pattern: string): boolean {
  return cutPattern(pattern).some(({ letters }) => letters in offsetLetters)
}

/** The parts of a pattern that has digits alone (`dd.MM.yyyy HH:mm`), which most files have; undefined for other patterns. */
export function digitParts(pattern: string): readonly DatePart[] | undefined {
  const tokens = cutPattern(pattern)
  const parts = tokens.map(({ letters, literal }, index): DatePart | undefined => {
    if (letters === '') return { literal }
    const digits = digitLetters[letters]
    // `dMM`: where the day ends cannot be told by its digits.
    const next = tokens[index + 1]
    return digits?.least !== digits?.most && next !== undefined && next.letters !== '' ? undefined : digits
  })
  return parts.every((part) => part !== undefined) ? parts : undefined
}

const digitLetters: Readonly<Record<string, { readonly part: number; readonly least: number; readonly most: number }>> =
  {
    yyyy: { part: 0, least: 4, most: 4 },
    M: { part: 1, least: 1, most: 2 },
    MM: { part: 1, least: 2, most: 2 },
    d: { part: 2, least: 1, most: 2 },
    dd: { part: 2, least: 2, most: 2 },
    H: { part: 3, least: 1, most: 2 },
    HH: { part: 3, least: 2, most: 2 },
    m: { part: 4, least: 1, most: 2 },
    mm: { part: 4, least: 2, most: 2 },
    s: { part: 5, least: 1, most: 2 },
    ss: { part: 5, least: 2, most: 2 },
    SSS: { part: 6, least: 3, most: 3 },
  }

function cutPattern(pattern: string): Token[] {
  const tokens: Token[] = []
  const add = (literal: string) => {
    const last = tokens.at(-1)
    if (last?.letters === '') tokens[tokens.length - 1] = { letters: '', literal: last.literal + literal }
    else tokens.push({ letters: '', literal })
  }
  for (const [piece, quoted] of pattern.matchAll(/'([^']*)'|([a-zA-Z])\2*|[\s\S]/g)) {
    if (quoted !== undefined) add(quoted === '' ? "'" : quoted)
    else if (/^[a-zA-Z]/.test(piece)) tokens.push({ letters: piece, literal: '' })
    else add(piece)
  }
  return tokens
}

function missingParts(tokens: readonly Token[], kind: DateKind): string {
  const has = (letter: RegExp) => tokens.some(({ letters }) => letter.test(letters))
  const wanted: [string, RegExp][] =
    kind === 'time'
      ? [['hour', /^[Hh]/]]
      : [
          ['year', /^y/],
          ['month', /^[ML]/],
          ['day', /^d/],
        ]
  return wanted.flatMap(([name, letter]) => (has(letter) ? [] : [name])).join(', no ')
}

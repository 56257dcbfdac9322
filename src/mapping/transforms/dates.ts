import { readEntries, readText, readTexts, refuse } from '../file-reader.ts'
import type { Located } from '../located.ts'
import { type DateKind, digitParts, hasOffset, readPattern } from './date-pattern.ts'
import type { Schema, Transform, TransformDeclaration, TransformUse } from './transform.ts'

const patterns = {
  oneOf: [
    { type: 'string', minLength: 1 },
    { type: 'array', items: { type: 'string' }, minItems: 1 },
  ],
}

/** Reads dates and times of a pattern and gives them in the service's spelling (ISO 8601; times of day in UTC). */
export const dateTransforms: readonly TransformDeclaration[] = [
  declare('date', 'a date by its pattern, such as dd.MM.yyyy, or several patterns that are tried in turn', ['locale']),
  declare('datetime', 'a date with a time, in the time zone that is named (default UTC)', ['locale', 'zone']),
  declare('time', 'a time of day, such as HH:mm', ['locale']),
]

function declare(kind: DateKind, about: string, more: readonly string[]): TransformDeclaration {
  const options = Object.fromEntries(more.map((key): [string, Schema] => [key, { type: 'string', minLength: 1 }]))
  return {
    name: kind,
    about,
    bare: false,
    isKey: true,
    schema: {
      oneOf: [
        ...patterns.oneOf,
        {
          type: 'object',
          properties: { pattern: patterns, ...options },
          required: ['pattern'],
          additionalProperties: false,
        },
      ],
    },
    compile: (use) => compile(kind, more, use),
  }
}

async function compile(kind: DateKind, more: readonly string[], use: TransformUse): Promise<Transform | undefined> {
  const { reader, node, what } = use
  const options = node!.kind === 'map' ? readEntries(reader, node!, what, ['pattern', ...more]) : undefined
  if (node!.kind === 'map' && !options) return undefined
  const given: Located | undefined = options ? options.get('pattern')?.value : node
  if (!given) return refuse(reader, node!, `${what} wants "pattern:"`)
  const names = readTexts(reader, given, what)
  const setting = (key: string) => {
    const entry = options?.get(key)
    return entry ? readText(reader, entry.value, `${what}: ${key}`) : undefined
  }
  const locale = setting('locale') ?? 'en-US'
  const zone = setting('zone') ?? 'UTC'
  if (!names) return undefined

  const { DateTime, IANAZone } = await import('luxon')
  if (!isLocale(locale))
    return refuse(reader, options!.get('locale')!, `${what}: "${locale}" is no locale such as de-AT`)
  if (zone !== 'UTC' && !IANAZone.isValidZone(zone)) {
    return refuse(reader, options!.get('zone')!, `${what}: "${zone}" is no time zone such as Europe/Vienna`)
  }
  const read = names.map((name) => ({ name, ...readPattern(name, kind) }))
  for (const each of read) if ('fault' in each) refuse(reader, given, `${what}: ${each.fault}`)
  const sound = read.filter((each) => 'luxon' in each)
  if (sound.length < read.length) return undefined

  const readers = sound.map(({ name, luxon }) => {
    const parser = DateTime.buildFormatParser(luxon, { locale })
    const isMoment = hasOffset(name)
    return (text: string): string | undefined => {
      const spelt = isMoment ? text.replace(/(?<=\d\s?)Z$/, '+00:00') : text
      const found = DateTime.fromFormatParser(spelt, parser, { locale, zone: kind === 'datetime' ? zone : 'UTC' })
      if (!found.isValid) return undefined
      if (kind === 'date') return found.toISODate()
      if (kind === 'time') return `${found.toISOTime({ includeOffset: false })}Z`
      // A time that the clocks skip is moved on by the library; nobody has written that.
      const asWritten = isMoment ? found : DateTime.fromFormatParser(spelt, parser, { locale, zone: 'UTC' })
      if (asWritten.hour !== found.hour || asWritten.minute !== found.minute) return undefined
      return found.toUTC().toISO()
    }
  })
  const [first] = sound
  const pattern = zone === 'UTC' ? digitParts(names[0]!) : undefined
  return {
    apply(text) {
      const bare = text.trim()
      for (const each of readers) {
        const found = each(bare)
        if (found !== undefined) return found
      }
      return { unreadable: `is no ${kind} ${names.join(' or ')}${zone === 'UTC' ? '' : ` in ${zone}`}` }
    },
    ...(pattern ? { kernel: [{ name: 'date', kind, pattern }] } : {}),
    format(text) {
      const moment =
        kind === 'time' ? DateTime.fromISO(`1970-01-01T${text}`, { zone: 'UTC' }) : DateTime.fromISO(text, { zone })
      return moment.isValid && first ? moment.setLocale(locale).toFormat(first.luxon) : text
    },
  }
}

function isLocale(name: string): boolean {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(name).length > 0
  } catch {
    return false
  }
}

import { readEntries, readText, refuse } from '../file-reader.ts'
import type { Transform, TransformDeclaration, TransformUse } from './transform.ts'

/** Characters of a way to write numbers. */
interface NumberFormat {
  readonly decimal: string
  /** All that may stand between groups of digits; empty when nothing may. */
  readonly groups: string
  /** Digits of the groups before the last one, which has three: two in India (12,34,567). Default: three. */
  readonly groupDigits?: 2 | 3
}

const sample = /^1([^\d]?)234([^\d])56$/
/** A sign or a code before or behind a number, or a percent sign. */
export const currency = /^(?:\p{Sc}|[A-Z]{3})\s*|\s*(?:\p{Sc}|[A-Z]{3}|%)$/gu
const separator = { type: 'string', minLength: 1, maxLength: 1 }

/** Reads numbers as people of some country write them. */
export const numberTransform: TransformDeclaration = {
  name: 'number',
  about:
    'a number as a locale writes it (de-AT), or as the sample 1.234,56 does; currency and percent signs are dropped',
  bare: false,
  isKey: true,
  schema: {
    oneOf: [
      { type: 'string', minLength: 1 },
      {
        type: 'object',
        properties: { decimal: separator, group: separator },
        required: ['decimal'],
        additionalProperties: false,
      },
    ],
  },
  async compile(use) {
    const format = readFormat(use)
    return format && numberReader(format, use.node?.kind === 'text' ? use.node.text : format.decimal)
  },
}

/** The format that a locale or a sample such as `1.234,56` names; undefined for neither. */
function findNumberFormat(name: string): NumberFormat | undefined {
  const [, group, point] = sample.exec(name) ?? []
  if (point !== undefined) return { decimal: point, groups: likeGroups(group ?? '') }
  try {
    if (Intl.NumberFormat.supportedLocalesOf(name).length === 0) return undefined
  } catch {
    return undefined
  }
  const numberingSystem = 'latn'
  const plain = new Intl.NumberFormat(name, { numberingSystem })
  // Austria writes 1 234 for a number and 1.234 for a sum of money, and files hold both.
  const money = new Intl.NumberFormat(name, { numberingSystem, style: 'currency', currency: 'EUR' })
  const decimal = findPart(plain, 'decimal')
  const groups = new Set(likeGroups(findPart(money, 'group')) + likeGroups(findPart(plain, 'group')))
  groups.delete(decimal)
  const [, first] = plain.formatToParts(12_345_678).filter(({ type }) => type === 'integer')
  return { decimal, groups: [...groups].join(''), groupDigits: first?.value.length === 2 ? 2 : 3 }
}

function findPart(format: Intl.NumberFormat, type: 'decimal' | 'group'): string {
  return format.formatToParts(1234567.8).find((part) => part.type === type)?.value ?? ''
}

/** A step that gives numbers in the service's spelling: digits, a point, a minus before them. `name`: for messages. */
function numberReader({ decimal, groups, groupDigits = 3 }: NumberFormat, name: string): Transform {
  const point = escapePattern(decimal)
  const group = groups === '' ? '' : `[${escapePattern(groups)}]`
  const whole = group === '' ? '\\d+' : `\\d+|\\d{1,3}(?<group>${group})(?:\\d{${groupDigits},3}\\k<group>)*\\d{3}`
  const shape = new RegExp(`^(?<before>[-+−]?)(?<whole>${whole})?(?:${point}(?<fraction>\\d+))?(?<after>[-−]?)$`)
  const grouped = new RegExp(group === '' ? '(?!)' : group, 'g')
  return {
    apply(text) {
      const bare = text.trim().replace(currency, '')
      const { before, whole: digits, fraction, after } = shape.exec(bare)?.groups ?? {}
      if ((digits === undefined && fraction === undefined) || (before !== '' && after !== '')) {
        return { unreadable: `is no number as ${name} writes it` }
      }
      const isNegative = (before !== '' && before !== '+') || after !== ''
      const integer = digits?.replace(grouped, '') ?? '0'
      return `${isNegative ? '-' : ''}${integer}${fraction === undefined ? '' : `.${fraction}`}`
    },
    ...inKernel(decimal, groups),
    format: (text) => formatNumber(text, decimal, groups.charAt(0), groupDigits),
  }
}

/** Most cells are digits, groups and a decimal sign, all ASCII: the kernel reads those. */
function inKernel(decimal: string, groups: string): Pick<Transform, 'kernel'> {
  if (!/^[\0-\x7f]$/.test(decimal)) return {}
  const group = groups.charAt(0)
  return { kernel: [{ name: 'number', decimal, group: /^[\0-\x7f]$/.test(group) ? group : undefined }] }
}

/** From the service's spelling, which may be `1.234568E7` and has `.0` behind whole numbers. */
function formatNumber(text: string, decimal: string, group: string, groupDigits: 2 | 3): string {
  const found = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]\+?(-?\d{1,2}))?$/.exec(text)
  if (!found) return text
  const [, sign = '', before = '', after = '', exponent = '0'] = found
  const point = before.length + Number(exponent)
  const digits = `${'0'.repeat(Math.max(0, 1 - point))}${before}${after}`.padEnd(point, '0')
  const whole = digits.slice(0, Math.max(1, point)).replace(/^0+(?=\d)/, '')
  const fraction = digits.slice(Math.max(1, point)).replace(/^0$/, '')
  const grouped = whole.replace(groupDigits === 2 ? /\B(?=(\d{2})*\d{3}$)/g : /\B(?=(\d{3})+$)/g, () => group)
  return `${sign}${grouped}${fraction === '' ? '' : `${decimal}${fraction}`}`
}

function readFormat({ reader, node, what }: TransformUse): NumberFormat | undefined {
  if (node!.kind === 'text') {
    const found = findNumberFormat(node!.text)
    return (
      found ?? refuse(reader, node!, `${what}: "${node!.text}" is no locale, such as de-AT, and no sample 1.234,56`)
    )
  }
  const options = readEntries(reader, node!, what, ['decimal', 'group'])
  if (!options) return undefined
  const [decimal, group] = ['decimal', 'group'].map((key) => {
    const entry = options.get(key)
    return entry && readText(reader, entry.value, `${what}: ${key}`)
  })
  if (decimal === undefined) return refuse(reader, node!, `${what} wants "decimal:"`)
  const isSign = (text: string) => /^[^\d+-]$/u.test(text)
  if (!isSign(decimal) || (group !== undefined && !isSign(group)) || decimal === group) {
    return refuse(reader, node!, `${what}: decimal and group are two different characters, and no digits`)
  }
  return { decimal, groups: likeGroups(group ?? '') }
}

/** Spaces and apostrophes have several characters that look alike, and a file may hold any of them. */
function likeGroups(group: string): string {
  if (/\s/.test(group)) return ' \u00a0\u202f\u2009'
  return group === '’' || group === "'" ? "'’" : group
}

function escapePattern(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

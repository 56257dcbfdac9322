import type { CharacterClass, DatePart, KernelStep } from '../mapping/transforms/kernel-step.ts'
import type { Transform } from '../mapping/transforms/transform.ts'

/** What is made of the cells of a row for one column, as the kernel is told. */
export interface ValueProgram {
  /** Columns of the input. */
  readonly indexes: readonly number[]
  readonly separator: string
  readonly transforms: readonly Transform[]
  /** What is sent where nothing is left. */
  readonly otherwise: string
  /** A cell that is the null marker is null. */
  readonly takesNull: boolean
  /** The value is looked up when it is made, so that what is empty is not the kernel's to replace. */
  readonly isLookedUp: boolean
}

export interface Programs {
  readonly bytes: Buffer
  readonly markerStart: number
  readonly markerEnd: number
}

// As in assembly/make.ts.
const columnWords = 10
const stepWords = 6
const takesNull = 1
const isUnknown = 2
const firstOfTransform = 1
const firstThatTakesEmpty = 2

const stepNumbers: Readonly<Record<KernelStep['name'], number>> = {
  trim: 0,
  collapse: 1,
  lower: 2,
  upper: 2,
  title: 3,
  prefix: 4,
  suffix: 5,
  substring: 6,
  split: 7,
  replace: 8,
  replaceClass: 9,
  values: 10,
  number: 11,
  date: 12,
}

/**
 * Writes what the kernel does for each column: ten words for each (its columns, separator, steps and what is sent where nothing
 * is left, by their places; bits; whether it is looked up), then everything that these name. A column with a transform that
 * the kernel does not know, and one that does not fit into so many bytes, is left to JavaScript whole.
 */
export function writePrograms(columns: readonly ValueProgram[], nullMarker: Buffer, mostBytes: number): Programs {
  const heads = new Int32Array(columns.length * columnWords)
  const tail = new Tail(heads.byteLength)
  const [markerStart, markerEnd] = tail.keep(nullMarker)
  for (const [place, column] of columns.entries()) {
    const before = tail.mark()
    const words = writeColumn(column, tail)
    const fits = words !== undefined && tail.end <= mostBytes
    if (!fits) tail.forget(before)
    heads.set(fits ? words : [0, 0, 0, 0, 0, 0, 0, 0, isUnknown, 0], place * columnWords)
  }
  return { bytes: Buffer.concat([Buffer.from(heads.buffer), ...tail.pieces]), markerStart, markerEnd }
}

/** Texts and numbers behind the heads, each from a multiple of eight on. */
class Tail {
  pieces: Buffer[] = []
  end: number

  constructor(start: number) {
    this.end = start
  }

  /** Where the text begins and ends. */
  keep(text: Buffer): readonly [number, number] {
    const start = this.end
    this.pieces.push(text, Buffer.alloc(-text.length & 7))
    this.end += text.length + (-text.length & 7)
    return [start, start + text.length]
  }

  words(numbers: readonly number[]): number {
    return this.keep(Buffer.from(Int32Array.from(numbers).buffer))[0]
  }

  mark(): { readonly pieces: number; readonly end: number } {
    return { pieces: this.pieces.length, end: this.end }
  }

  forget({ pieces, end }: { readonly pieces: number; readonly end: number }): void {
    this.pieces = this.pieces.slice(0, pieces)
    this.end = end
  }
}

function writeColumn(column: ValueProgram, tail: Tail): readonly number[] | undefined {
  const { indexes, separator, transforms, otherwise } = column
  const known = transforms.every(({ kernel }) => kernel !== undefined)
  // Line ends are made alike in a whole text, not in its pieces.
  if (!known || /[\r\n]/.test(separator)) return undefined
  const steps = transforms.flatMap((transform) => writeSteps(transform, tail))
  return [
    tail.words(indexes),
    indexes.length,
    ...tail.keep(Buffer.from(separator)),
    tail.words(steps),
    steps.length / stepWords,
    ...tail.keep(Buffer.from(otherwise.replaceAll(/\r\n?/g, '\n'))),
    column.takesNull ? takesNull : 0,
    column.isLookedUp ? 1 : 0,
  ]
}

/** The first step of a transform says so, and whether it takes an empty text. */
function writeSteps({ kernel = [], takesEmpty }: Transform, tail: Tail): readonly number[] {
  return kernel.flatMap((step, place) => {
    const [one = 0, two = 0, three = 0, four = 0] = writeOperands(step, tail)
    const beginning = place > 0 ? 0 : takesEmpty === true ? firstThatTakesEmpty : firstOfTransform
    return [stepNumbers[step.name], one, two, three, four, beginning]
  })
}

const mostInt32 = 2 ** 31 - 1

function writeOperands(step: KernelStep, tail: Tail): readonly number[] {
  switch (step.name) {
    case 'lower':
      return [tail.keep(caseTable('toLowerCase'))[0], 0x41, 0x20]
    case 'upper':
      return [tail.keep(caseTable('toUpperCase'))[0], 0x61, -0x20]
    case 'prefix':
    case 'suffix':
      return tail.keep(Buffer.from(step.text))
    case 'substring':
      return [step.from, Math.min(step.length, mostInt32)]
    case 'split':
      return [...tail.keep(Buffer.from(step.by)), step.take]
    case 'replace':
      return [...tail.keep(Buffer.from(step.text)), ...tail.keep(Buffer.from(step.by))]
    case 'replaceClass':
      return [...writeClass(step.class, tail), ...tail.keep(Buffer.from(step.by))]
    case 'values':
      return [...writeValues(step.byValue, tail), ['reject', 'keep', 'empty'].indexOf(step.otherwise)]
    case 'number':
      return [step.decimal.charCodeAt(0), step.group?.charCodeAt(0) ?? -1]
    case 'date':
      return [
        writeDate(step.pattern, tail),
        step.pattern.length,
        ['date', 'datetime', 'time'].indexOf(step.kind),
        tail.keep(writeLayout(step))[0],
      ]
    default:
      return []
  }
}

/** The characters from U+0080 to U+07FF, two bytes each in UTF-8: those whose case is a character of two bytes, too. */
function caseTable(change: 'toLowerCase' | 'toUpperCase'): Buffer {
  const codes = Array.from({ length: 0x780 }, (_, place) => {
    const character = String.fromCharCode(0x80 + place)
    const changed = character[change]()
    const code = changed.charCodeAt(0)
    // The small sigma at the end of a word is another one.
    return changed.length === 1 && code >= 0x80 && code < 0x800 && character !== 'Σ' ? code : 0
  })
  return Buffer.from(Uint16Array.from(codes).buffer)
}

const matchesOthers = 1
const matchesRuns = 2
const matchesStart = 4

function writeClass({ ascii, others, runs, atStart }: CharacterClass, tail: Tail): readonly [number, number] {
  const members = Buffer.alloc(16)
  for (const [code, isMember] of ascii.entries()) if (isMember) members[code & 15]! |= 1 << (code >> 4)
  const bits = (others ? matchesOthers : 0) | (runs ? matchesRuns : 0) | (atStart ? matchesStart : 0)
  return [tail.keep(members)[0], bits]
}

const slotWords = 4

/** A table of hashes, at most half of it taken; its texts stand behind it, by their distance from its beginning. */
function writeValues(byValue: ReadonlyMap<string, string>, tail: Tail): readonly [number, number] {
  let slots = 4
  while (slots < 2 * byValue.size) slots *= 2
  const table = new Int32Array(slots * slotWords).fill(-1)
  const texts: Buffer[] = []
  let end = table.byteLength
  const keep = (text: Buffer): readonly [number, number] => {
    texts.push(text)
    end += text.length
    return [end - text.length, end]
  }
  for (const [value, sent] of byValue) {
    const bytes = Buffer.from(value)
    let slot = hashOf(bytes) & (slots - 1)
    while (table[slot * slotWords]! >= 0) slot = (slot + 1) & (slots - 1)
    table.set([...keep(bytes), ...keep(Buffer.from(sent))], slot * slotWords)
  }
  return [tail.keep(Buffer.concat([Buffer.from(table.buffer), ...texts]))[0], slots - 1]
}

/** As assembly/make-value.ts has it. */
function hashOf(bytes: Buffer): number {
  const padded = Buffer.concat([bytes, Buffer.alloc(-bytes.length & 7)])
  let sum = BigInt(bytes.length)
  for (let at = 0; at < padded.length; at += 8) {
    sum = BigInt.asUintN(64, (sum ^ padded.readBigUInt64LE(at)) * 0x9e3779b185ebca87n)
    sum ^= sum >> 32n
  }
  return Number(BigInt.asUintN(32, sum))
}

/** Four words for each part; the texts stand behind them, by their distance from the first. */
function writeDate(pattern: readonly DatePart[], tail: Tail): number {
  const texts: Buffer[] = []
  let end = pattern.length * 16
  const words = pattern.flatMap((part) => {
    if ('part' in part) return [part.part, part.least, part.most, 0]
    const text = Buffer.from(part.literal)
    texts.push(text)
    end += text.length
    return [-1, end - text.length, end, 0]
  })
  return tail.keep(Buffer.concat([Buffer.from(Int32Array.from(words).buffer), ...texts]))[0]
}

/**
 * Where a date has its year, month and day, if that is always the same place of a short text: what stands between the digits,
 * where digits stand, from where each of the ten bytes of yyyy-MM-dd is taken, and the number of bytes (-1: no such layout).
 */
function writeLayout({ kind, pattern }: Extract<KernelStep, { readonly name: 'date' }>): Buffer {
  const between = Buffer.alloc(16, 0xff)
  const digits = Buffer.alloc(16)
  const sources = Buffer.alloc(16, 0x80)
  const size = Buffer.alloc(4)
  const sizes = pattern.map((each) => ('literal' in each ? Buffer.byteLength(each.literal) : each.most))
  const total = sizes.reduce((sum, each) => sum + each, 0)
  const parts = pattern.flatMap((each) => ('part' in each ? [each.least === each.most ? each.part : -1] : []))
  const isFixed = kind === 'date' && total <= between.length && parts.toSorted().join() === '0,1,2'
  size.writeInt32LE(isFixed ? total : -1)
  if (!isFixed) return Buffer.concat([between, digits, sources, size])
  let at = 0
  for (const [index, each] of pattern.entries()) {
    const end = at + sizes[index]!
    if ('literal' in each) between.write(each.literal, at)
    else {
      const first = placesInDate[each.part]!
      digits.fill(0xff, at, end)
      for (let from = at; from < end; from++) sources[first + from - at] = from
    }
    at = end
  }
  return Buffer.concat([between, digits, sources, size])
}

/** Where the year, the month and the day begin in yyyy-MM-dd. */
const placesInDate = [0, 5, 8]

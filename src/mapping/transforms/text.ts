import { readEntries, readParameters, readPlace, refuse } from '../file-reader.ts'
import { collapseBytes, trimBytes } from './spaces.ts'
import {
  type CellBytes,
  roomBehind,
  type Transform,
  type TransformDeclaration,
  type TransformUse,
} from './transform.ts'

/** Steps that need nothing but the text. */
export const textTransforms: readonly TransformDeclaration[] = [
  word('trim', 'without spaces at both ends', { apply: (text) => text.trim(), applyToBytes: trimBytes }),
  word('collapse', 'each run of spaces one space, none at the ends', {
    apply: (text) => text.trim().replace(/\s+/g, ' '),
    applyToBytes: collapseBytes,
  }),
  word('lower', 'lower case', {
    apply: (text) => text.toLowerCase(),
    applyToBytes: (cell) => shiftCase(cell, 0x41, 0x20),
  }),
  word('upper', 'upper case', {
    apply: (text) => text.toUpperCase(),
    applyToBytes: (cell) => shiftCase(cell, 0x61, -0x20),
  }),
  word('title', 'each word with one capital letter, the rest in lower case', { apply: titleCase }),
  affix('prefix', 'put before the text; an empty one stays empty', prefixer),
  affix('suffix', 'put behind the text; an empty one stays empty', suffixer),
  {
    name: 'substring',
    about: 'some characters of the text: from which one (1 is the first, -1 the last) and how many (default: the rest)',
    bare: false,
    isKey: false,
    schema: {
      type: 'object',
      properties: { from: { type: 'integer', not: { const: 0 } }, length: { type: 'integer', minimum: 1 } },
      required: ['from'],
      additionalProperties: false,
    },
    compile: async (use) => compileSubstring(use),
  },
  {
    name: 'split',
    about: 'one of the pieces between separators: 1 is the first, -1 the last; empty where there are not so many',
    bare: false,
    isKey: false,
    schema: {
      type: 'object',
      properties: { by: { type: 'string', minLength: 1 }, take: { type: 'integer', not: { const: 0 } } },
      required: ['by', 'take'],
      additionalProperties: false,
    },
    compile: async (use) => compileSplit(use),
  },
]

function word(name: string, about: string, transform: Transform): TransformDeclaration {
  return { name, about, bare: true, isKey: false, schema: undefined, compile: async () => transform }
}

function affix(name: string, about: string, make: (affixed: string) => Transform): TransformDeclaration {
  return {
    name,
    about,
    bare: false,
    isKey: false,
    schema: { type: ['string', 'number'] },
    compile: async ({ reader, node, what }) => {
      const affixed = readParameters(reader, node!, what)
      return affixed === undefined ? undefined : make(affixed)
    },
  }
}

function prefixer(affixed: string): Transform {
  const piece = Buffer.from(affixed)
  return {
    apply: (text) => affixed + text,
    applyToBytes(cell) {
      if (piece.length > roomBehind) return false
      const { bytes, start, end } = cell
      bytes.copyWithin(start + piece.length, start, end)
      piece.copy(bytes, start)
      cell.end = end + piece.length
      return true
    },
  }
}

function suffixer(affixed: string): Transform {
  const piece = Buffer.from(affixed)
  return {
    apply: (text) => text + affixed,
    applyToBytes(cell) {
      if (piece.length > roomBehind) return false
      piece.copy(cell.bytes, cell.end)
      cell.end += piece.length
      return true
    },
  }
}

function compileSubstring({ reader, node, what }: TransformUse): Transform | undefined {
  const options = readEntries(reader, node!, what, ['from', 'length'])
  const first = options?.get('from')
  const most = options?.get('length')
  if (!options) return undefined
  if (!first) return refuse(reader, node!, `${what} wants "from:"`)
  const from = readPlace(reader, first.value, `${what}: from`)
  const length = most === undefined ? Number.POSITIVE_INFINITY : readPlace(reader, most.value, `${what}: length`)
  if (from === undefined || length === undefined) return undefined
  if (length < 0) return refuse(reader, most!, `${what}: length wants a number above 0`)
  return {
    apply(text) {
      // Characters, not halves of them.
      const characters = [...text]
      const start = from > 0 ? from - 1 : Math.max(0, characters.length + from)
      return characters.slice(start, start + length).join('')
    },
  }
}

function compileSplit({ reader, node, what }: TransformUse): Transform | undefined {
  const options = readEntries(reader, node!, what, ['by', 'take'])
  if (!options) return undefined
  const separator = options.get('by')?.value
  const place = options.get('take')?.value
  if (separator?.kind !== 'text' || separator.text === '' || !place) {
    return refuse(reader, node!, `${what} wants "by:" (a text) and "take:" (which piece)`)
  }
  const take = readPlace(reader, place, `${what}: take`)
  if (take === undefined) return undefined
  return { apply: (text) => text.split(separator.text).at(take > 0 ? take - 1 : take) ?? '' }
}

function titleCase(text: string): string {
  return text.toLowerCase().replace(/(?<![\p{L}\p{N}'’])\p{L}/gu, (letter) => letter.toUpperCase())
}

/** Moves the 26 letters from `first` on by `by`. False where there are other letters. */
function shiftCase({ bytes, start, end }: CellBytes, first: number, by: number): boolean {
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte >= 0x80) return false
    if (byte >= first && byte < first + 26) bytes[i] = byte + by
  }
  return true
}

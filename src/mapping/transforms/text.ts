import { readEntries, readParameters, readPlace, refuse } from '../file-reader.ts'
import type { Transform, TransformDeclaration, TransformUse } from './transform.ts'

/** Steps that need nothing but the text. */
export const textTransforms: readonly TransformDeclaration[] = [
  word('trim', 'without spaces at both ends', (text) => text.trim()),
  word('collapse', 'each run of spaces one space, none at the ends', (text) => text.trim().replace(/\s+/g, ' ')),
  word('lower', 'lower case', (text) => text.toLowerCase()),
  word('upper', 'upper case', (text) => text.toUpperCase()),
  word('title', 'each word with one capital letter, the rest in lower case', titleCase),
  affix('prefix', 'put before the text; an empty one stays empty', (text, affixed) => affixed + text),
  affix('suffix', 'put behind the text; an empty one stays empty', (text, affixed) => text + affixed),
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

function word(
  name: 'trim' | 'collapse' | 'lower' | 'upper' | 'title',
  about: string,
  apply: (text: string) => string,
): TransformDeclaration {
  const transform: Transform = { apply, kernel: [{ name }] }
  return { name, about, bare: true, isKey: false, schema: undefined, compile: async () => transform }
}

function affix(
  name: 'prefix' | 'suffix',
  about: string,
  join: (text: string, affixed: string) => string,
): TransformDeclaration {
  return {
    name,
    about,
    bare: false,
    isKey: false,
    schema: { type: ['string', 'number'] },
    compile: async ({ reader, node, what }) => {
      const affixed = readParameters(reader, node!, what)
      if (affixed === undefined) return undefined
      return { apply: (text) => join(text, affixed), kernel: [{ name, text: affixed }] }
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
    kernel: [{ name: 'substring', from, length }],
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
  const by = separator.text
  return {
    apply: (text) => text.split(by).at(take > 0 ? take - 1 : take) ?? '',
    kernel: [{ name: 'split', by, take }],
  }
}

function titleCase(text: string): string {
  return text.toLowerCase().replace(/(?<![\p{L}\p{N}'’])\p{L}/gu, (letter) => letter.toUpperCase())
}

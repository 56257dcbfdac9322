import { readEntries, readTexts, refuse } from '../file-reader.ts'
import { listWords } from './list-words.ts'
import type { Transform, TransformDeclaration, TransformUse } from './transform.ts'

const words = { oneOf: [{ type: ['string', 'number', 'boolean'] }, { type: 'array', minItems: 1 }] }

/** The words that Data Loader reads, and the mark of a form (Data Loader guide, "Data Types Supported by Data Loader"). */
const commonWords = { true: ['yes', 'y', 'true', 'on', '1', 'x'], false: ['no', 'n', 'false', 'off', '0'] }

/** Reads words as true and false. */
export const booleanTransform: TransformDeclaration = {
  name: 'boolean',
  about: 'words for true and for false, in any case; by itself: yes, y, true, on, 1, x and no, n, false, off, 0',
  bare: true,
  isKey: true,
  schema: {
    type: 'object',
    properties: { true: words, false: words },
    required: ['true', 'false'],
    additionalProperties: false,
  },
  async compile(use) {
    const lists = use.node === undefined ? commonWords : readLists(use)
    if (!lists) return undefined
    const byWord = new Map<string, string>()
    for (const value of ['true', 'false'] as const) {
      for (const word of lists[value]) byWord.set(word.trim().toLowerCase(), value)
    }
    return booleanReader(byWord, lists)
  },
}

interface WordLists {
  readonly true: readonly string[]
  readonly false: readonly string[]
}

function booleanReader(byWord: ReadonlyMap<string, string>, lists: WordLists): Transform {
  const [yes = 'true', no = 'false'] = [lists.true[0], lists.false[0]]
  return {
    takesEmpty: byWord.has(''),
    kernel: [{ name: 'trim' }, { name: 'lower' }, { name: 'values', byValue: byWord, otherwise: 'reject' }],
    apply: (text) =>
      byWord.get(text.trim().toLowerCase()) ?? { unreadable: `is none of ${listWords([...byWord.keys()])}` },
    format: (text) => (text === 'true' ? yes : text === 'false' ? no : text),
  }
}

function readLists({ reader, node, what }: TransformUse): WordLists | undefined {
  const options = readEntries(reader, node!, what, ['true', 'false'])
  const [yes, no] = ['true', 'false'].map((key) => options?.get(key)?.value)
  if (!options) return undefined
  if (!yes || !no) return refuse(reader, node!, `${what} wants words for both "true:" and "false:"`)
  const read = (list: typeof yes, key: string) => {
    const items = list.kind === 'list' ? list.items : [list]
    // An empty cell may well mean false.
    const isEmptyWord = items.some((item) => item.kind === 'text' && item.text === '')
    const others = items.filter((item) => !(item.kind === 'text' && item.text === ''))
    const texts =
      others.length === 0 ? [] : readTexts(reader, { ...list, kind: 'list', items: others }, `${what}: ${key}`)
    return texts && [...texts, ...(isEmptyWord ? [''] : [])]
  }
  const lists = { true: read(yes, 'true'), false: read(no, 'false') }
  if (!lists.true || !lists.false) return undefined
  const both = lists.true.find((word) => lists.false?.some((other) => other.toLowerCase() === word.toLowerCase()))
  if (both !== undefined) return refuse(reader, node!, `${what}: "${both}" stands for true and for false`)
  return { true: lists.true, false: lists.false }
}

import { readSmallCsv } from '../../csv/read.ts'
import { UsageError } from '../../errors.ts'
import { readWord, refuse } from '../file-reader.ts'
import { listWords } from './list-words.ts'
import type { Transform, TransformDeclaration, TransformUse } from './transform.ts'

const otherwiseWords = ['reject', 'keep', 'empty'] as const

/** Replaces values by others of a list. */
export const valuesTransform: TransformDeclaration = {
  name: 'values',
  about:
    'values and what is sent for each: here, or in a CSV whose first column holds the one and whose second the other',
  bare: false,
  isKey: true,
  schema: {
    oneOf: [
      { type: 'string', minLength: 1 },
      { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean', 'null'] }, minProperties: 1 },
    ],
  },
  companions: { otherwise: { enum: otherwiseWords } },
  async compile(use) {
    const otherwise = use.companions.get('otherwise')
    const word = otherwise ? readWord(use.reader, otherwise, `${use.what}: otherwise`, otherwiseWords) : 'reject'
    const pairs = use.node!.kind === 'text' ? await readFilePairs(use, use.node!.text) : readInlinePairs(use)
    return pairs && word ? valuesReader(new Map(pairs), word, use) : undefined
  },
}

function valuesReader(
  byValue: ReadonlyMap<string, string>,
  otherwise: (typeof otherwiseWords)[number],
  { node }: TransformUse,
): Transform {
  const place =
    node!.kind === 'text' ? `does not stand in ${node!.text}` : `is none of ${listWords([...byValue.keys()])}`
  const backwards = new Map([...byValue].reverse().map(([value, sent]) => [sent, value]))
  return {
    takesEmpty: byValue.has(''),
    kernel: [{ name: 'values', byValue, otherwise }],
    apply(text) {
      const sent = byValue.get(text)
      if (sent !== undefined) return sent
      if (otherwise === 'reject') return { unreadable: place }
      return otherwise === 'keep' ? text : ''
    },
    format: (text) => backwards.get(text) ?? text,
  }
}

function readInlinePairs({ reader, node, what }: TransformUse): readonly [string, string][] | undefined {
  if (node!.kind !== 'map' || node!.entries.length === 0) {
    return refuse(reader, node!, `${what} wants "value: what is sent" for each value, or the path of a CSV`)
  }
  const pairs = node!.entries.map(({ key, value }): [string, string] | undefined => {
    if (value.kind === 'nothing') return [key, '']
    return value.kind === 'text' ? [key, value.text] : refuse(reader, value, `${what}: ${key} wants a text`)
  })
  return pairs.every((pair) => pair !== undefined) ? pairs : undefined
}

async function readFilePairs(
  { reader, node, what }: TransformUse,
  name: string,
): Promise<[string, string][] | undefined> {
  try {
    const { header, rows } = await readSmallCsv(reader.findFile(name))
    if (header.length < 2) return refuse(reader, node!, `${what}: ${name} has one column, and two are needed`)
    const pairs = rows.map(([value = '', sent = '']): [string, string] => [value, sent])
    const known = new Map<string, string>()
    for (const [value, sent] of pairs) {
      if ((known.get(value) ?? sent) !== sent) return refuse(reader, node!, `${what}: ${name} has "${value}" twice`)
      known.set(value, sent)
    }
    return pairs
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
    return refuse(reader, node!, `${what}: ${error.message}`)
  }
}

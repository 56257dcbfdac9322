import { readEntries, readParameters, refuse } from '../file-reader.ts'
import { findCharacterClass } from './character-class.ts'
import type { Transform, TransformDeclaration, TransformUse } from './transform.ts'

const text = { type: 'string', minLength: 1 }
const by = { type: ['string', 'number'] }

/** Replaces every place where a text stands or a pattern fits. */
export const replaceTransform: TransformDeclaration = {
  name: 'replace',
  about: 'every place where a text stands, or a pattern (RE2) fits, by another text; $1 is what the first group fits',
  bare: false,
  isKey: false,
  schema: {
    oneOf: [
      { type: 'object', properties: { text, by }, required: ['text'], additionalProperties: false },
      { type: 'object', properties: { pattern: text, by }, required: ['pattern'], additionalProperties: false },
    ],
  },
  compile,
}

async function compile({ reader, node, what }: TransformUse): Promise<Transform | undefined> {
  const options = readEntries(reader, node!, what, ['text', 'pattern', 'by'])
  if (!options) return undefined
  const literal = options.get('text')
  const pattern = options.get('pattern')
  const replacement = options.get('by')
  const replacing = replacement ? readParameters(reader, replacement.value, `${what}: by`) : ''
  if (replacing === undefined) return undefined
  const searched = literal ?? pattern
  if (!searched || (literal && pattern)) return refuse(reader, node!, `${what} wants either "text:" or "pattern:"`)
  if (searched.value.kind !== 'text' || searched.value.text === '') {
    return refuse(reader, searched, `${what}: ${searched.key} wants a text`)
  }
  const wanted = searched.value.text
  if (literal) return replaceLiteral(wanted, replacing)
  return compilePattern({ reader, node, what }, wanted, replacing)
}

function replaceLiteral(wanted: string, replacing: string): Transform {
  return {
    apply: (input) => input.replaceAll(wanted, () => replacing),
    kernel: [{ name: 'replace', text: wanted, by: replacing }],
  }
}

/**
 * RE2's patterns take time in proportion to the text whatever they are; those of JavaScript can take years, which a mapping
 * file of somebody else must not make a load do.
 */
async function compilePattern(
  { reader, node, what }: Pick<TransformUse, 'reader' | 'node' | 'what'>,
  pattern: string,
  replacing: string,
): Promise<Transform | undefined> {
  const { RE2JS } = await import('re2js')
  let compiled: InstanceType<typeof RE2JS>
  try {
    compiled = RE2JS.compile(pattern)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return refuse(reader, node!, `${what}: ${reason.replace(/^error parsing regexp: /, 'the pattern is not sound: ')}`)
  }
  const groups = compiled.groupCount()
  const named = Number(/\$([1-9])/.exec(replacing)?.[1] ?? 0)
  if (named > groups) return refuse(reader, node!, `${what}: by names $${named}, and the pattern has ${groups} groups`)
  const apply = (input: string) => compiled.matcher(input).replaceAll(replacing)
  const characters = findCharacterClass(pattern, (members) => {
    const ofMembers = RE2JS.compile(members)
    return (text) => ofMembers.matches(text)
  })
  if (characters === undefined || /[$\\]/.test(replacing)) return { apply }
  return { apply, kernel: [{ name: 'replaceClass', class: characters, by: replacing }] }
}

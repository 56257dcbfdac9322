import { type Decide, type Side, sides } from './resolve.ts'
import { badFile, isRecord, readYaml } from './yaml-file.ts'

/**
 * Reads who decides what: `rules`, a list of `{ object, field, take }`. The first rule that fits a conflict decides it; one
 * without `object` or `field` fits all. Throws `UsageError` that names every fault.
 */
export async function readRules(path: string): Promise<Decide> {
  const content = await readYaml(path)
  const list = isRecord(content) ? content.rules : undefined
  if (!Array.isArray(list) || list.length === 0) throw badFile(path, ['it holds no list "rules:"'])
  const faults: string[] = []
  const rules = list.map((entry: unknown, index) => readRule(entry, `rules[${index}]`, faults))
  if (faults.length > 0) throw badFile(path, faults)
  return ({ object, field }) => rules.find((rule) => fits(rule.object, object) && fits(rule.field, field))?.take
}

interface Rule {
  readonly object: string | undefined
  readonly field: string | undefined
  readonly take: Side
}

const known = ['object', 'field', 'take']

function readRule(entry: unknown, at: string, faults: string[]): Rule {
  const values = isRecord(entry) ? entry : {}
  for (const key of Object.keys(values).filter((name) => !known.includes(name))) {
    faults.push(`${at}: unknown entry "${key}" (known: ${known.join(', ')})`)
  }
  const take = sides.find((side) => side === values.take)
  if (take === undefined) faults.push(`${at}: "take" is one of ${sides.join(', ')}`)
  const text = (key: string): string | undefined => (values[key] === undefined ? undefined : String(values[key]))
  return { object: text('object'), field: text('field'), take: take ?? 'theirs' }
}

function fits(wanted: string | undefined, name: string): boolean {
  return wanted === undefined || wanted.toLowerCase() === name.toLowerCase()
}

import type { WantedObject } from './choose-fields.ts'
import { type Pattern, patterns } from './sync-object.ts'
import { badFile, isRecord, readYaml } from './yaml-file.ts'

/**
 * Reads the objects of a sync from YAML or JSON: `objects`, a list of `{ object, fields, where, pattern, externalId, files
 * }`, of which `object` alone must be there. Throws `UsageError` that names every fault.
 */
export async function readConfigFile(path: string): Promise<readonly WantedObject[]> {
  const content = await readYaml(path)
  const list = isRecord(content) ? content.objects : undefined
  if (!Array.isArray(list) || list.length === 0) throw badFile(path, ['it holds no list "objects:"'])
  const faults: string[] = []
  const objects = list.map((entry: unknown, index) => readObject(entry, `objects[${index}]`, faults))
  if (faults.length > 0) throw badFile(path, faults)
  return objects
}

const known = ['object', 'fields', 'where', 'pattern', 'externalId', 'files']

function readObject(entry: unknown, at: string, faults: string[]): WantedObject {
  const values = isRecord(entry) ? entry : { object: entry }
  const text = (key: string): string | undefined => {
    const value = values[key]
    if (value === undefined || typeof value === 'string') return value
    faults.push(`${at}: "${key}" is a text`)
    return undefined
  }
  for (const key of Object.keys(values).filter((name) => !known.includes(name))) {
    faults.push(`${at}: unknown entry "${key}" (known: ${known.join(', ')})`)
  }
  const object = text('object')
  if (object === undefined) faults.push(`${at}: "object" is missing`)
  const pattern = text('pattern') ?? 'conflicts'
  if (!isPattern(pattern)) faults.push(`${at}: "pattern" is one of ${patterns.join(', ')}, not "${pattern}"`)
  const { fields } = values
  const isList = fields === undefined || (Array.isArray(fields) && fields.every((field) => typeof field === 'string'))
  if (!isList) faults.push(`${at}: "fields" is a list of API names`)
  return {
    object: object ?? '',
    fields: Array.isArray(fields) ? fields.map(String) : undefined,
    where: text('where'),
    pattern: isPattern(pattern) ? pattern : 'conflicts',
    externalId: text('externalId'),
    files: text('files'),
  }
}

function isPattern(text: string): text is Pattern {
  return patterns.some((pattern) => pattern === text)
}

import { readFile } from 'node:fs/promises'
import { extname } from 'node:path'
import { UsageError } from '../errors.ts'
import type { FieldSource, Mapping, MappingEntry } from './mapping.ts'

/**
 * Reads a mapping file in YAML or JSON: `fields` (field: column, or `{ column }`, or `{ value }`), and optionally
 * `object` and `ignore`. `${NAME}` in a `value` takes a parameter from `environment`.
 * Throws `UsageError` that lists every fault with its line.
 */
export async function readMappingFile(
  path: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Mapping> {
  const text = await readText(path)
  const { LineCounter, isMap, isScalar, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  // JSON is a subset of YAML, so one parser reads both and gives positions for both.
  const document = parseDocument(text, { lineCounter: lines, uniqueKeys: true })
  const at = (node: unknown): string => `${path}:${lineOf(node)}`
  const lineOf = (node: unknown): number => {
    const range = (node as { range?: [number, number, number] } | null)?.range
    return range ? lines.linePos(range[0]).line : 1
  }

  const faults = document.errors.map((error) => `${path}:${error.linePos?.[0].line ?? 1}: ${firstLine(error.message)}`)
  if (faults.length > 0) throw badFile(path, faults)
  const root = document.contents
  if (!isMap(root)) throw badFile(path, [`${path}:1: a mapping file holds "fields:" with one entry per field`])

  const entries: MappingEntry[] = []
  for (const pair of root.items) {
    const key = String(isScalar(pair.key) ? pair.key.value : pair.key)
    if (!['object', 'fields', 'ignore'].includes(key)) {
      faults.push(`${at(pair.key)}: unknown entry "${key}" (known: object, fields, ignore)`)
    }
  }
  const fields = root.get('fields', true)
  if (!isMap(fields)) faults.push(`${path}: "fields:" is missing or holds no entries`)
  else {
    for (const pair of fields.items) {
      const field = String(isScalar(pair.key) ? pair.key.value : pair.key)
      const value: unknown = (pair.value as { toJSON?: () => unknown } | null)?.toJSON?.()
      const source = readFieldSource(value, environment)
      if (typeof source === 'string') faults.push(`${at(pair.key)}: ${field}: ${source}`)
      else entries.push({ field, source, origin: at(pair.key) })
    }
  }
  const ignore: unknown = (root.get('ignore', true) as { toJSON?: () => unknown } | undefined)?.toJSON?.() ?? []
  if (!Array.isArray(ignore)) faults.push(`${path}: "ignore" is a list of columns`)
  const object: unknown = root.get('object')
  if (object !== undefined && typeof object !== 'string') faults.push(`${path}: "object" is the name of an object`)

  if (faults.length > 0) throw badFile(path, faults)
  return { object: object as string | undefined, entries, ignore: (ignore as unknown[]).map(String) }
}

/** The source that an entry's value describes, or what is wrong with it. */
function readFieldSource(
  value: unknown,
  environment: Readonly<Record<string, string | undefined>>,
): FieldSource | string {
  if (typeof value === 'string' && value !== '') return { kind: 'column', column: value }
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return 'expected a column name'
  const spec = value as Record<string, unknown>
  const unknown = Object.keys(spec).filter((key) => key !== 'column' && key !== 'value')
  if (unknown.length > 0) return `unknown key "${unknown.join('", "')}" (known: column, value)`
  if (typeof spec.column === 'string' && spec.value === undefined) return { kind: 'column', column: spec.column }
  if (spec.column === undefined && ['string', 'number', 'boolean'].includes(typeof spec.value)) {
    return fillParameters(String(spec.value), environment)
  }
  return 'expected either { column: NAME } or { value: TEXT }'
}

function fillParameters(text: string, environment: Readonly<Record<string, string | undefined>>): FieldSource | string {
  const missing: string[] = []
  const value = text.replace(/\$\{(\w+)\}/g, (_, name: string) => {
    const parameter = environment[name]
    if (parameter === undefined) missing.push(name)
    return parameter ?? ''
  })
  if (missing.length > 0) return `the environment has no ${missing.join(', ')}`
  return { kind: 'constant', value }
}

async function readText(path: string): Promise<string> {
  if (extname(path).toLowerCase() === '.sdl') {
    throw new UsageError(`${path} is a Data Loader mapping, which cannot be read`, {
      code: 'BAD_MAPPING_FILE',
      hint: 'write the mapping as YAML (field: column) or with --map column=field',
    })
  }
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    throw new UsageError(`cannot read the mapping file ${path}: ${(cause as Error).message}`, {
      code: 'BAD_MAPPING_FILE',
      cause,
    })
  }
}

function badFile(path: string, faults: readonly string[]): UsageError {
  const [only] = faults
  return new UsageError(
    faults.length === 1 && only ? only : `${path} has ${faults.length} faults:\n  ${faults.join('\n  ')}`,
    {
      code: 'BAD_MAPPING_FILE',
      hint: 'one entry per field, for example "LastName: Surname"',
    },
  )
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text
}

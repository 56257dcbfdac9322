import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { findNearest } from '../nearest.ts'
import type { Value } from '../org/login-flows.ts'
import { type Environment, sfbulkHomePath } from '../org/settings.ts'

/** Settings that a config file may hold: the long names of options. */
export const configKeys = [
  'target-org',
  'api-version',
  'api',
  'wait',
  'job-bytes',
  'parallel-jobs',
  'max-api-calls',
  'reserve',
  'column-delimiter',
  'encoding',
  'null-value',
  'empty-as-null',
  'undo',
  'quiet',
  'verbose',
] as const

export type ConfigKey = (typeof configKeys)[number]

/** What the config files say, the one of the folder before that of the user. */
export interface Config {
  readonly values: ReadonlyMap<ConfigKey, Value>
  readonly files: readonly ConfigFile[]
}

export interface ConfigFile {
  readonly path: string
  readonly found: boolean
}

const configFileName = 'sfbulk.config.yaml'

/**
 * Reads `sfbulk.config.yaml` in the current folder and in the folder of the program (SFBULK_HOME). Throws `UsageError` naming
 * the file and line for what is no YAML, an unknown setting (with the nearest name), and a value that is a list or mapping.
 */
export async function readConfig(environment: Environment, folder: string): Promise<Config> {
  const paths = [...new Set([join(folder, configFileName), join(sfbulkHomePath(environment), configFileName)])]
  const read = await Promise.all(paths.map(readConfigFile))
  const values = new Map(read.toReversed().flatMap((found) => [...(found ?? [])]))
  return { values, files: paths.map((path, index) => ({ path, found: read[index] !== undefined })) }
}

async function readConfigFile(path: string): Promise<ReadonlyMap<ConfigKey, Value> | undefined> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && absent.has(String(error.code))) return undefined
    throw error
  }
  const { isMap, isScalar, LineCounter, parseDocument } = await import('yaml')
  const lines = new LineCounter()
  const { contents, errors } = parseDocument(text, { lineCounter: lines })
  const fault = (offset: number, message: string, hint?: string) =>
    new UsageError(`${path}, line ${lines.linePos(offset).line}: ${message}`, { code: 'CONFIG_FILE', hint })

  const [error] = errors
  if (error !== undefined) throw fault(error.pos[0], error.message.split('\n', 1)[0]?.replace(/ at line.*$/, '') ?? '')
  if (contents === null) return new Map()
  if (!isMap(contents)) throw fault(0, 'a config file is a list of lines of the form name: value')
  const values = new Map<ConfigKey, Value>()
  for (const { key, value } of contents.items) {
    const place = isScalar(key) ? (key.range?.[0] ?? 0) : 0
    const name = String(isScalar(key) ? key.value : key)
    const known = configKeys.find((each) => each === name)
    if (known === undefined) throw fault(place, `there is no setting ${name}`, suggest(name))
    if (value === null || (isScalar(value) && value.value === null)) continue
    if (!isScalar(value)) throw fault(place, `${name} takes one value`)
    // Numbers as they are written: 60.0 is a version.
    values.set(known, { text: String(value.source ?? value.value), origin: path })
  }
  return values
}

const absent = new Set(['ENOENT', 'ENOTDIR'])

function suggest(name: string): string {
  const near = findNearest(name, configKeys)
  return near.length > 0 ? `Did you mean ${near.join(' or ')}?` : `There are ${configKeys.join(', ')}.`
}

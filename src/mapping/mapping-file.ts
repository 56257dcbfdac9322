import { isUtf8 } from 'node:buffer'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { unreadableInput } from '../csv/input-file.ts'
import { UsageError } from '../errors.ts'
import { readFieldSource } from './field-source.ts'
import { type FileReader, readEntries, readText, readTexts, refuse } from './file-reader.ts'
import { type LocatedFault, readLocated } from './located.ts'
import type { Mapping, MappingEntry } from './mapping.ts'
import { type MappingDirection, readSdl } from './sdl.ts'

export interface MappingFileTools {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Where relative paths inside the file are looked for when they are not beside it. */
  readonly folder: string
}

/**
 * Reads a mapping file in YAML or JSON: `fields`, one entry per target field, and optionally `object` and `ignore`; the keys are
 * those of `schemas/mapping.schema.json`. A file that ends in `.sdl` is read as Data Loader's. Throws `UsageError` that lists every
 * fault with its line. `path`: absolute; `name`: as the user typed it, for messages.
 */
export async function readMappingFile(
  path: string,
  name: string,
  tools: MappingFileTools,
  direction: MappingDirection = 'load',
): Promise<Mapping> {
  const bytes = await readBytes(path, name)
  if (/\.sdl$/i.test(path)) {
    const mapping = readSdl(bytes, name, direction)
    if ('faults' in mapping) throw badFile(name, mapping.faults, 'one line per column, for example Surname=LastName')
    return mapping
  }
  if (!isUtf8(bytes)) throw badFile(name, [firstForeignLine(bytes)], 'save it as UTF-8')
  const root = await readLocated(bytes.toString('utf8'))
  if ('faults' in root) throw badFile(name, root.faults)
  const files: string[] = []
  const reader: FileReader = {
    faults: [],
    environment: tools.environment,
    findFile: (file) => {
      const beside = resolve(dirname(path), file)
      const found = existsSync(beside) ? beside : resolve(tools.folder, file)
      files.push(found)
      return found
    },
  }
  if (root.kind !== 'map') {
    throw badFile(name, [{ line: 1, text: 'a mapping file holds "fields:" with one entry per field' }])
  }
  const parts = readEntries(reader, root, 'the file', ['object', 'fields', 'ignore', '$schema'])
  const object = parts?.get('object')
  const fields = parts?.get('fields')
  const ignore = parts?.get('ignore')
  const entries: MappingEntry[] = []
  if (fields?.value.kind !== 'map') {
    refuse(reader, fields ?? root, '"fields:" is missing or holds no entries')
  } else {
    for (const { key, line, value } of fields.value.entries) {
      const source = await readFieldSource(reader, key, value)
      if (source) entries.push({ field: key, source, origin: `${name}:${line}` })
    }
  }
  const mapping = {
    object: object && readText(reader, object.value, '"object:"'),
    entries,
    files,
    ignore: ignore && ignore.value.kind !== 'nothing' ? (readNames(reader, ignore.value) ?? []) : [],
  }
  if (reader.faults.length > 0) throw badFile(name, reader.faults)
  return mapping
}

/** Where the text stops being UTF-8. Nothing is guessed: a constant would be sent as it was misread. */
function firstForeignLine(bytes: Buffer): LocatedFault {
  const before = bytes.toString('utf8').split('\ufffd', 1)[0] ?? ''
  return { line: before.split(/\r\n|\r|\n/).length, text: 'the file holds bytes that are no UTF-8' }
}

/** The list of `ignore:`, which may be empty. */
function readNames(reader: FileReader, node: Parameters<typeof readTexts>[1]): readonly string[] | undefined {
  if (node.kind !== 'list') return refuse(reader, node, '"ignore:" is a list of columns')
  return node.items.length === 0 ? [] : readTexts(reader, node, '"ignore:"')
}

async function readBytes(path: string, name: string): Promise<Buffer> {
  try {
    return await readFile(path)
  } catch (cause) {
    const { message, hint } = unreadableInput(name, cause)
    throw new UsageError(`the mapping file cannot be read: ${message}`, { code: 'BAD_MAPPING_FILE', hint, cause })
  }
}

function badFile(
  name: string,
  faults: readonly LocatedFault[],
  hint = 'one entry per field, for example "LastName: Surname"',
): UsageError {
  const lines = [...faults].sort((a, b) => a.line - b.line).map(({ line, text }) => `${name}:${line}: ${text}`)
  const [only] = lines
  const message = lines.length === 1 && only ? only : `${name} has ${lines.length} faults:\n  ${lines.join('\n  ')}`
  const own = faults.every((fault) => fault.hint === faults[0]?.hint) ? faults[0]?.hint : undefined
  return new UsageError(message, { code: 'BAD_MAPPING_FILE', hint: own ?? hint })
}

import { UsageError } from '../errors.ts'
import { findNearest } from '../nearest.ts'
import type { Operation } from '../operations.ts'
import { type FieldDescription, isUpsertKey, type ObjectDescription } from '../org/object-description.ts'
import { FieldNames, type TargetField } from './field-names.ts'
import type { ComputedSource, FieldSource, Mapping } from './mapping.ts'

/** One column of what is sent. */
export interface SentColumn {
  readonly target: TargetField
  /** Index of the input's column, or the text that every row gets, or what its value is made of. */
  readonly from: number | { readonly constant: string } | ComputedColumn
}

/** A value that is made of cells, with the places of those cells. */
export interface ComputedColumn {
  readonly computed: ComputedSource
  /** Indexes of its columns in the input. */
  readonly indexes: readonly number[]
}

export interface CompiledMapping {
  readonly columns: readonly SentColumn[]
  /** Files that its values come from besides the input: lists of values and lookups. */
  readonly files: readonly string[]
  /** Index in `columns` of what identifies a row; undefined for an insert. */
  readonly key: number | undefined
  /** What the user should know before it runs: columns left out, and why. */
  readonly notes: readonly string[]
}

export interface MappingProblem {
  readonly header: readonly string[]
  readonly object: ObjectDescription
  readonly operation: Operation
  /** Field that an upsert is keyed by. */
  readonly externalId: string | undefined
}

/** Columns of result files: they are of an earlier run and are neither sent nor carried on. */
export function isResultColumn(name: string): boolean {
  return name.toLowerCase().startsWith('sf__')
}

/**
 * Decides which column fills which field: first what the mapping says, then by API name (any case), then by label.
 * Throws one `UsageError` that lists every fault: unknown fields and columns, fields filled twice, a missing key,
 * nothing to send.
 */
export function compileMapping(mapping: Mapping, problem: MappingProblem): CompiledMapping {
  const { header, object, operation } = problem
  const fields = new FieldNames(object)
  checkObject(mapping, object)
  const key = keyField(problem, fields)
  const accepts = (field: FieldDescription) => field === key || (field.name !== 'Id' && isWritable(field, operation))

  const chosen = new Map<string, SentColumn>()
  const taken = new Set<number>()
  const faults: string[] = []
  let lacksColumns = false
  const notes: string[] = []

  for (const { field, source, origin } of mapping.entries) {
    const found = fields.find(field)
    const from = findSource(header, source)
    if (found === undefined) {
      faults.push(`${origin}: ${object.name} has no field ${field}${suggest(field, fields.names())}`)
    } else if ('fault' in found) {
      faults.push(`${origin}: ${found.fault}`)
    } else if (typeof from === 'object' && 'missing' in from) {
      lacksColumns = true
      for (const column of from.missing) {
        faults.push(`${origin}: the input has no column "${column}"${suggest(column, header)}`)
      }
    } else if (!found.isParent && !accepts(found.field)) {
      faults.push(`${origin}: ${found.name} cannot be set by ${operation.name}`)
    } else if (chosen.has(found.name)) {
      faults.push(`${origin}: ${found.name} is filled twice`)
    } else {
      chosen.set(found.name, { target: found, from })
      for (const index of indexesOf(from)) taken.add(index)
    }
  }
  if (faults.length > 0) throw listFaults(faults, lacksColumns ? header : undefined)

  const ignored = new Set(mapping.ignore.map((name) => findColumn(header, name)))
  const wanted = (index: number, name: string) => !taken.has(index) && !isResultColumn(name) && !ignored.has(index)
  const mapped = new Set(chosen.keys())
  const filled: string[] = []
  const offer = (index: number, found: TargetField) => {
    taken.add(index)
    if (chosen.has(found.name)) filled.push(header[index]!)
    else chosen.set(found.name, { target: found, from: index })
  }
  const readOnly: string[] = []
  const matched = mapping.matchesNames === false ? [] : [...header.entries()]
  for (const [index, name] of matched) {
    if (!wanted(index, name)) continue
    const found = fields.find(name.trim())
    if (found === undefined || ('fault' in found && found.isUnknown)) continue
    if ('fault' in found) throw listFaults([`column "${name}": ${found.fault}`])
    if (found.isParent ? operation.fields !== 'id-only' : accepts(found.field)) {
      const other = mapped.has(found.name) ? undefined : chosen.get(found.name)
      if (typeof other?.from === 'number') throw sameField(header[other.from]!, name, found.name)
      offer(index, found)
    } else {
      taken.add(index)
      if (operation.fields !== 'id-only') readOnly.push(name)
    }
  }
  for (const [index, name] of matched) {
    const found = wanted(index, name) ? fields.findByLabel(name, accepts) : undefined
    if (found) offer(index, found)
  }

  const unmapped = header.filter((name, index) => wanted(index, name))
  if (readOnly.length > 0) {
    notes.push(`not sent, because ${operation.name} cannot set them: ${readOnly.join(', ')}`)
  }
  if (filled.length > 0 && operation.fields !== 'id-only') {
    notes.push(`not sent, because something else fills their field: ${filled.join(', ')}`)
  }
  if (unmapped.length > 0 && operation.fields !== 'id-only') {
    const isNamed = mapping.matchesNames === false
    const named = isNamed ? unmapped : unmapped.map((name) => `${name}${suggest(name, fields.names())}`)
    const why = isNamed ? 'the mapping names no field for them' : `they match no field of ${object.name}`
    notes.push(`not sent, because ${why}: ${named.join(', ')}`)
  }

  const columns = [...chosen.values()].sort(inInputOrder)
  return { columns, files: mapping.files ?? [], key: checkKey(columns, key, problem), notes }
}

/** Names of fields are the same in any case, so that nobody can tell which of the two columns is meant. */
function sameField(one: string, other: string, field: string): UsageError {
  return new UsageError(`the columns ${one} and ${other} both name the field ${field}`, {
    code: 'BAD_HEADER',
    hint: `take one of them off or rename it, or say which is meant: --map "${other}=${field}"`,
  })
}

function keyField({ operation, externalId, object }: MappingProblem, fields: FieldNames): FieldDescription | undefined {
  if (operation.key === 'none') return undefined
  if (operation.key === 'id') return object.fields.find(({ name }) => name === 'Id')
  const keys = object.fields.filter(isUpsertKey).map(({ name }) => name)
  const hint = `fields of ${object.name} that an upsert may be keyed by: ${keys.join(', ')}`
  if (!externalId)
    throw new UsageError('an upsert needs a key', { code: 'NO_EXTERNAL_ID', hint: `add -i FIELD; ${hint}` })
  const found = fields.find(externalId)
  if (found === undefined || 'fault' in found || found.isParent) {
    throw new UsageError(`${object.name} has no field ${externalId}${suggest(externalId, keys)}`, {
      code: 'UNKNOWN_FIELD',
      hint,
    })
  }
  if (!isUpsertKey(found.field)) {
    throw new UsageError(`${found.name} is no external ID of ${object.name}`, { code: 'NO_EXTERNAL_ID', hint })
  }
  return found.field
}

function isWritable(field: FieldDescription, { fields }: Operation): boolean {
  if (fields === 'createable') return field.createable
  if (fields === 'updateable') return field.updateable
  return fields === 'either' && (field.createable || field.updateable)
}

function checkObject(mapping: Mapping, object: ObjectDescription): void {
  if (mapping.object && mapping.object.toLowerCase() !== object.name.toLowerCase()) {
    throw new UsageError(`the mapping file is for ${mapping.object}, not for ${object.name}`, {
      code: 'WRONG_OBJECT',
      hint: 'take the mapping file of this object, or change its "object:" entry',
    })
  }
}

/** Index of the key among the columns; throws when it, or anything to send beside it, is missing. */
function checkKey(
  columns: readonly SentColumn[],
  key: FieldDescription | undefined,
  { header, operation, object }: MappingProblem,
): number | undefined {
  const index = key ? columns.findIndex(({ target }) => target.field === key && !target.isParent) : -1
  if (key && index < 0) {
    throw new UsageError(`${operation.name} needs a column for ${key.name}, and the input has none`, {
      code: 'NO_KEY_COLUMN',
      hint: `columns of the input: ${header.join(', ')}; name one with --map "column=${key.name}"`,
    })
  }
  const withKeyOnly = operation.fields === 'updateable' ? 1 : 0
  if (columns.length <= withKeyOnly) {
    throw new UsageError(`no column of the input fills a field of ${object.name} that ${operation.name} can set`, {
      code: 'NOTHING_MAPPED',
      hint: `columns of the input: ${header.join(', ')}; name their fields with --map column=field`,
    })
  }
  return key ? index : undefined
}

/** Where an entry's value comes from in this input, or the columns that it lacks. */
function findSource(
  header: readonly string[],
  source: FieldSource,
): SentColumn['from'] | { readonly missing: readonly string[] } {
  if (source.kind === 'constant') return { constant: source.value }
  const columns = source.kind === 'column' ? [source.column] : source.columns
  const indexes = columns.map((column) => findColumn(header, column))
  const missing = columns.filter((_, place) => indexes[place] === undefined)
  const found = indexes.filter((index) => index !== undefined)
  if (missing.length > 0) return { missing }
  return source.kind === 'column' ? found[0]! : { computed: source, indexes: found }
}

function indexesOf(from: SentColumn['from']): readonly number[] {
  if (typeof from === 'number') return [from]
  return 'computed' in from ? from.indexes : []
}

/** By exact name first, so that columns that differ in case only can both be named. */
function findColumn(header: readonly string[], name: string): number | undefined {
  const exact = header.indexOf(name)
  if (exact >= 0) return exact
  const near = header.findIndex((column) => column.toLowerCase() === name.toLowerCase())
  return near >= 0 ? near : undefined
}

/** Input order lets neighbouring columns be copied in one piece; constants and computed values come last. */
function inInputOrder(a: SentColumn, b: SentColumn): number {
  const place = ({ from }: SentColumn) => (typeof from === 'number' ? from : Number.MAX_SAFE_INTEGER)
  return place(a) - place(b)
}

function suggest(name: string, candidates: readonly string[]): string {
  const near = findNearest(name, candidates)
  return near.length > 0 ? ` (did you mean ${near.join(' or ')}?)` : ''
}

/** `header`: given where the input has other columns than it was thought to have. */
function listFaults(faults: readonly string[], header?: readonly string[]): UsageError {
  const [first] = faults
  const message =
    faults.length === 1 && first ? first : `the mapping has ${faults.length} faults:\n  ${faults.join('\n  ')}`
  return new UsageError(message, {
    code: 'BAD_MAPPING',
    hint: header
      ? `nothing was sent; columns of the input: ${header.join(', ')}`
      : 'nothing was sent; see `sfbulk describe` for the fields',
  })
}

import { editDistance } from '../../nearest.ts'
import { type FieldDescription, isRequiredOnInsert, type ObjectDescription } from '../../org/object-description.ts'
import { isResultColumn } from '../compile.ts'
import { FieldNames } from '../field-names.ts'
import { bareWord, knownWords } from './known-words.ts'
import { findNumberStyle, findSampleFormat } from './sample-format.ts'

/** A column with some of its cells. */
export interface SampledColumn {
  readonly name: string
  readonly cells: readonly string[]
}

/** A column and the field that it may fill. */
export interface ProposedEntry {
  readonly column: string
  readonly field: string
  /** Keys beside `column:`: `date`, `number`, `transform`, … */
  readonly keys: Readonly<Record<string, unknown>>
  /** Why this field, and how the cells are read: for the person who checks it. */
  readonly note: string
  /** Whether it was found by anything but the API name. */
  readonly isGuess: boolean
}

export interface Proposal {
  readonly object: string
  readonly entries: readonly ProposedEntry[]
  /** Columns that fit no field, each with some of its cells. */
  readonly ignored: readonly { readonly column: string; readonly note: string }[]
  /** Fields that a new record must have and that no column fills. */
  readonly missing: readonly { readonly field: string; readonly label: string }[]
}

/** Proposes a field for each column: by API name, by label, by like names and known words, by what the cells look like. */
export function proposeMapping(columns: readonly SampledColumn[], object: ObjectDescription): Proposal {
  const chosen = new Map<SampledColumn, { readonly field: string; readonly type: string; readonly why: string }>()
  const filled = new Set<string>()
  const open = columns.filter(({ name }) => !isResultColumn(name))
  for (const guess of guesses(object)) {
    for (const column of open) {
      if (chosen.has(column)) continue
      const found = guess(column, filled)
      if (!found || filled.has(found.field)) continue
      chosen.set(column, found)
      filled.add(found.field)
    }
  }
  const style = findNumberStyle(open.map(({ cells }) => cells))
  const entries = open.flatMap((column): ProposedEntry[] => {
    const found = chosen.get(column)
    if (!found) return []
    const format = findSampleFormat(column.cells, found.type, style)
    const note = [found.why, format?.note ?? ''].filter((part) => part !== '').join('; ')
    return [{ column: column.name, field: found.field, keys: format?.keys ?? {}, note, isGuess: found.why !== '' }]
  })
  const ignored = open
    .filter((column) => !chosen.has(column))
    .map(({ name, cells }) => ({ column: name, note: show(cells) }))
  const missing = findMissing(object, filled)
  return { object: object.name, entries, ignored, missing }
}

/** Fields that a new record must have, besides those that are filled. */
export function findMissing(object: ObjectDescription, filled: ReadonlySet<string>): Proposal['missing'] {
  return object.fields
    .filter((field) => isRequiredOnInsert(field) && !filled.has(field.name) && !isFilledByParent(field, filled))
    .map(({ name, label }) => ({ field: name, label }))
}

type Guess = (
  column: SampledColumn,
  filled: ReadonlySet<string>,
) => { readonly field: string; readonly type: string; readonly why: string } | undefined

/** From the surest to the boldest. */
function guesses(object: ObjectDescription): readonly Guess[] {
  const names = new FieldNames(object)
  const fields = object.fields.filter((field) => field.createable || field.updateable || field.name === 'Id')
  const accept = (field: FieldDescription) => fields.includes(field)
  const pick = (field: FieldDescription | undefined, why: string) =>
    field && accept(field) ? { field: field.name, type: field.type, why } : undefined
  const byName = (name: string) => fields.find((field) => field.name === name)
  return [
    ({ name }) => {
      const found = names.find(name.trim())
      if (!found || 'fault' in found) return undefined
      return found.isParent ? { field: found.name, type: found.type, why: '' } : pick(found.field, '')
    },
    ({ name }) => pick(names.findByLabel(name, accept)?.field, 'by its label'),
    ({ name }) => {
      const word = bareWord(name)
      const like = fields.filter((field) => word !== '' && barewords(field, object).includes(word))
      return like.length === 1 ? pick(like[0], `like ${like[0]!.label}`) : undefined
    },
    ({ name }, filled) => {
      const known = (knownWords[bareWord(name)] ?? []).find((field) => byName(field) && !filled.has(field))
      return known === undefined ? undefined : pick(byName(known), 'by its name')
    },
    ({ cells }, filled) => pick(fieldOfCells(cells, object, fields, filled), `its cells look like it: ${show(cells)}`),
    ({ name }) => {
      const word = bareWord(name)
      if (word.length < 4) return undefined
      const near = fields.filter((field) =>
        barewords(field, object).some((other) => editDistance(word, other, 2) <= (word.length > 7 ? 2 : 1)),
      )
      return near.length === 1 ? pick(near[0], `near to ${near[0]!.label}: check it`) : undefined
    },
  ]
}

/** The bare forms of a field's names: API name without suffix, label, and label without the object before it. */
function barewords({ name, label }: FieldDescription, object: ObjectDescription): readonly string[] {
  const forms = [bareWord(name.replace(/__\w$/, '')), bareWord(label)]
  const prefix = bareWord(object.label)
  const shortened = forms
    .filter((form) => form.startsWith(prefix) && form.length > prefix.length)
    .map((form) => form.slice(prefix.length))
  return [...forms, ...shortened.filter((form) => form !== 'id')]
}

/** Prefixes of the Ids of standard objects (Salesforce help, "Standard Field Record ID Prefix Decoder"). */
const idPrefixes: Readonly<Record<string, string>> = {
  '001': 'Account',
  '003': 'Contact',
  '005': 'User',
  '006': 'Opportunity',
  '00G': 'Group',
  '00Q': 'Lead',
  '012': 'RecordType',
  '500': 'Case',
  '701': 'Campaign',
}

/** The only free field that cells such as these can be for: an email, an address of a page, an Id. */
function fieldOfCells(
  cells: readonly string[],
  object: ObjectDescription,
  fields: readonly FieldDescription[],
  filled: ReadonlySet<string>,
): FieldDescription | undefined {
  const given = cells.map((cell) => cell.trim()).filter((cell) => cell !== '')
  const every = (pattern: RegExp) => given.length > 0 && given.every((cell) => pattern.test(cell))
  const free = fields.filter(({ name }) => !filled.has(name))
  const only = (candidates: readonly FieldDescription[]) => (candidates.length === 1 ? candidates[0] : undefined)
  if (every(/^[^\s@]+@[^\s@]+\.[^\s@]+$/)) return only(free.filter(({ type }) => type === 'email'))
  if (every(/^https?:\/\/\S+$/i)) return only(free.filter(({ type }) => type === 'url'))
  if (!every(/^[a-zA-Z0-9]{15}(?:[A-Z0-5]{3})?$/)) return undefined
  const prefixes = new Set(given.map((cell) => cell.slice(0, 3)))
  const [prefix = ''] = prefixes
  if (prefixes.size > 1) return undefined
  if (prefix === object.keyPrefix) return free.find(({ name }) => name === 'Id')
  const target = idPrefixes[prefix]
  if (target === undefined) return undefined
  return only(free.filter(({ referenceTo }) => referenceTo.includes(target)))
}

function isFilledByParent({ relationshipName }: FieldDescription, filled: ReadonlySet<string>): boolean {
  return relationshipName !== null && [...filled].some((field) => field.includes(`${relationshipName}.`))
}

function show(cells: readonly string[]): string {
  const shown = [...new Set(cells.map((cell) => cell.trim()).filter((cell) => cell !== ''))].slice(0, 2)
  if (shown.length === 0) return 'its cells are empty'
  return shown.map((cell) => JSON.stringify(cell.length > 30 ? `${cell.slice(0, 29)}…` : cell)).join(', ')
}

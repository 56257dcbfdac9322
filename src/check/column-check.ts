import type { PlainCheck, PlainKind } from '../csv/plain-rows.ts'
import { placeOfColumn } from '../load/write-recipe.ts'
import type { SentColumn } from '../mapping/compile.ts'
import type { FieldDescription } from '../org/object-description.ts'
import { serviceNull } from '../service-null.ts'
import { valueReader, wrongId, wrongType } from '../values/read-value.ts'
import { normalizeId } from '../values/record-id.ts'
import { type RowError, RowFault } from '../values/row-error.ts'
import { prefixesOf } from './key-prefixes.ts'
import { type PlainTest, plainKind, plainTest } from './plain-cell.ts'
import { plainIdTest } from './plain-id.ts'
import type { CheckSubject } from './row-check.ts'

/**
 * What becomes of one cell: it is good, or the service would miss a value for the field, or it would refuse the row. Records
 * that are pointed to are looked at when all values have been read.
 */
export type CellVerdict = 'good' | 'missing' | { readonly error: RowError; readonly isOfReference?: boolean }

/** The checks of one column of what is sent. */
export interface ColumnCheck {
  readonly from: SentColumn['from']
  readonly field: FieldDescription
  /** Whether a cell, its quotes taken off, is good without being read as text. */
  isPlain(bytes: Buffer, start: number, end: number): boolean
  /** The same for many rows at a time, where the kernel can tell. */
  readonly plain: PlainCheck | undefined
  judge(text: string): CellVerdict
}

/** Compiles the checks of a column. `isRequired`: an empty cell is a missing value, since no other column fills the field. */
export function compileColumn(subject: CheckSubject, column: SentColumn, isRequired: boolean): ColumnCheck {
  const { target, from } = column
  const { nulls } = subject
  const isKey = subject.mapping.key !== undefined && subject.mapping.columns[subject.mapping.key] === column
  const nullIs = isKey ? missingKey(subject, target.field) : verdictOfNull(subject, target.field)
  const emptyIs =
    isKey || isRequired ? (isRequired && !isKey ? 'missing' : nullIs) : nulls.emptyAsNull ? nullIs : 'good'
  const judgeValue = target.isParent ? () => 'good' as const : valueJudge(subject, target.field)
  return {
    from,
    field: target.field,
    isPlain: plainColumn(subject, column, emptyIs, nullIs),
    plain: plainCheck(subject, column, emptyIs, nullIs),
    judge(text) {
      if (text === '') return emptyIs
      if (text === serviceNull || (text === nulls.nullValue && !isKey)) return nullIs
      const verdict = judgeValue(text)
      return verdict === 'null' ? nullIs : verdict
    },
  }
}

/** Source: protocol notes 8, MISSING_ARGUMENT. An upsert by Id creates the records of rows without one. */
function missingKey({ operation }: CheckSubject, { name }: FieldDescription): CellVerdict {
  if (operation.key === 'external-id') {
    if (name === 'Id') return 'good'
    return { error: { statusCode: 'MISSING_ARGUMENT', message: `${name} not specified`, fields: [name] } }
  }
  const message = `Id not specified in ${operation.name === 'update' ? 'an update' : 'a delete'} call`
  return { error: { statusCode: 'MISSING_ARGUMENT', message, fields: [] } }
}

/** A checkbox is never null; a new record gets the default of a field that has one. */
function verdictOfNull({ operation }: CheckSubject, field: FieldDescription): CellVerdict {
  if (field.type === 'boolean') return wrongType(field, '')
  if (field.nillable || !field.createable) return 'good'
  return operation.name === 'update' || !field.defaultedOnCreate ? 'missing' : 'good'
}

/** `null`: the text comes to no value, such as spaces alone. */
function valueJudge(subject: CheckSubject, field: FieldDescription): (text: string) => CellVerdict | 'null' {
  if (field.type === 'base64') return () => 'good'
  const read = valueReader(field)
  const prefixes = prefixesOfField(subject, field)
  const recordTypes = recordTypesOf(subject, field)
  return (text) => {
    try {
      const value = read(text)
      if (value === null) return 'null'
      const id = String(value)
      if (prefixes !== undefined && !prefixes.has(id.slice(0, 3))) return { ...wrongId(field, id), isOfReference: true }
      if (recordTypes !== undefined && !recordTypes.has(id)) return unknownReference(field)
      return 'good'
    } catch (fault) {
      if (fault instanceof RowFault) return fault
      throw fault
    }
  }
}

function prefixesOfField({ object, prefixes }: CheckSubject, field: FieldDescription): ReadonlySet<string> | undefined {
  if (field.type === 'reference') return prefixesOf(field.referenceTo, prefixes)
  return field.type === 'id' && object.keyPrefix ? new Set([object.keyPrefix]) : undefined
}

function recordTypesOf({ object }: CheckSubject, { name }: FieldDescription): ReadonlySet<string> | undefined {
  const { recordTypeInfos = [] } = object
  // The master record type alone says nothing of the others: it is all that some users are shown.
  if (name !== 'RecordTypeId' || recordTypeInfos.length <= 1) return undefined
  return new Set(recordTypeInfos.map(({ recordTypeId }) => normalizeId(recordTypeId) ?? recordTypeId))
}

function unknownReference({ name }: FieldDescription): CellVerdict {
  const error = { statusCode: 'INVALID_CROSS_REFERENCE_KEY', message: 'invalid cross reference id', fields: [name] }
  return { error, isOfReference: true }
}

function plainColumn(
  subject: CheckSubject,
  { target }: SentColumn,
  emptyIs: CellVerdict,
  nullIs: CellVerdict,
): PlainTest {
  const emptyIsGood = emptyIs === 'good'
  const test = target.isParent ? undefined : plainValue(subject, target.field)
  if (nullIs === 'good') {
    return (bytes, start, end) => (start === end ? emptyIsGood : test === undefined || test(bytes, start, end))
  }
  const marker = Buffer.from(subject.nulls.nullValue)
  return (bytes, start, end) => {
    if (start === end) return emptyIsGood
    if (!isLetterOrDigit(bytes[start]!) || holds(bytes, start, end, marker)) return false
    return test === undefined || test(bytes, start, end)
  }
}

function plainCheck(
  { nulls, mapping }: CheckSubject,
  sent: SentColumn,
  emptyIs: CellVerdict,
  nullIs: CellVerdict,
): PlainCheck | undefined {
  const { target } = sent
  const kind: PlainKind | undefined = target.isParent ? { name: 'any' } : plainKind(target.field)
  const column = placeOfColumn(mapping.columns, mapping.columns.indexOf(sent))
  if (kind === undefined || column === undefined) return undefined
  const badMarker = nullIs === 'good' ? undefined : Buffer.from(nulls.nullValue)
  return { column, kind, emptyIsGood: emptyIs === 'good', badMarker }
}

function plainValue(subject: CheckSubject, field: FieldDescription): PlainTest | undefined {
  if (field.type !== 'id' && field.type !== 'reference') return plainTest(field)
  return recordTypesOf(subject, field) ? () => false : plainIdTest(prefixesOfField(subject, field))
}

/** What neither spaces nor `#N/A` begin with. */
function isLetterOrDigit(byte: number): boolean {
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a)
}

function holds(bytes: Buffer, start: number, end: number, text: Buffer): boolean {
  return end - start === text.length && bytes.compare(text, 0, text.length, start, end) === 0
}

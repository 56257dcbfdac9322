import { PartNotSent, type PlacedResult } from '../load/transport.ts'
import type { FieldDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import type { SoapColumn } from './columns.ts'
import type { CallTools } from './send-call.ts'
import { type RowsToWrite, writeRows } from './write-rows.ts'

/**
 * Records that have been created since a moment (milliseconds since 1970, by this machine's clock), of those with these values
 * of a field: Ids by value. Values are compared as `uniqueValue` spells them.
 */
export type FindCreated = (
  field: FieldDescription,
  values: readonly string[],
  since: number,
) => Promise<ReadonlyMap<string, string>>

export interface TakeUpTools extends CallTools {
  readonly findCreated: FindCreated | undefined
  /** When the call was sent, in milliseconds since 1970. */
  readonly since: number
  /** The field that an upsert is keyed by. */
  readonly externalIdField: string | undefined
}

/**
 * The answers of a call whose own were lost; undefined when nobody can tell.
 *
 * What does no harm twice is sent again. Rows of an insert that carry a unique value are looked up by it: those that have
 * been created since are accepted, and the others are sent again, since a record that is there all the same would be
 * refused as a duplicate. An upsert looks them up, too, so that it can say which records it created the first time.
 */
export async function takeUpCall(
  org: Org,
  write: RowsToWrite,
  tools: TakeUpTools,
): Promise<readonly PlacedResult[] | undefined> {
  const { call } = write.shape
  const key = findUniqueColumn(write, tools.externalIdField)
  const isKnown = key !== undefined && tools.findCreated !== undefined
  if (!isKnown) return call.repeatable ? await writeRows(org, { ...write, sentBefore: true }, tools) : undefined
  if (call.element !== 'create' && call.element !== 'upsert') {
    return await writeRows(org, { ...write, sentBefore: true }, tools)
  }

  const values = write.rows.map((cells) => cells[key] ?? '')
  const field = write.shape.columns[key]!.field
  const created = (await tools.findCreated?.(field, values, tools.since)) ?? new Map<string, string>()
  const idOf = (row: number) => created.get(uniqueValue(field, values[row] ?? ''))
  if (call.element === 'upsert') {
    const answers = await writeRows(org, { ...write, sentBefore: true }, tools)
    return answers.map((answer) => ({
      ...answer,
      created: answer.created || (answer.id !== '' && answer.id === idOf(answer.row)),
    }))
  }
  const places = write.rows.flatMap((_, row) => (idOf(row) === undefined ? [row] : []))
  const rows = places.map((row) => write.rows[row]!)
  const again = rows.length === 0 ? [] : await writeRows(org, { ...write, rows }, tools)
  const told = new Map(again.map((answer) => [places[answer.row]!, { ...answer, row: places[answer.row]! }]))
  return write.rows.map((_, row) => told.get(row) ?? accepted(row, idOf(row) ?? ''))
}

/** A value of a unique field as the org compares it. */
export function uniqueValue({ type, caseSensitive }: FieldDescription, value: string): string {
  if (numberTypes.has(type) && value.trim() !== '') return String(Number(value))
  return caseSensitive ? value.trim() : value.trim().toLowerCase()
}

const numberTypes: ReadonlySet<string> = new Set(['double', 'int', 'long', 'currency', 'percent'])

/** The column whose values no two records share: the key of an upsert, or a unique field that every row fills. */
function findUniqueColumn({ shape, rows }: RowsToWrite, externalIdField: string | undefined): number | undefined {
  const isKey = ({ field, parent }: SoapColumn) =>
    parent === undefined &&
    (externalIdField === undefined ? field.unique : field.name === externalIdField) &&
    field.type !== 'id'
  const index = shape.columns.findIndex(isKey)
  const isFull = index >= 0 && rows.every((cells) => (cells[index] ?? '').trim() !== '' && cells[index] !== nullMarker)
  return isFull ? index : undefined
}

const nullMarker = '#N/A'

function accepted(row: number, id: string): PlacedResult {
  return { row, verdict: 'accepted', id, created: true, error: '' }
}

/** Whether the answers to a call may be lost although it was carried out. */
export function isLost(error: unknown): error is PartNotSent {
  return error instanceof PartNotSent && error.failure.mayHaveArrived
}

import { ApiError } from '../errors.ts'
import type { SoapColumn } from './columns.ts'
import { spellValue } from './spell-value.ts'

/**
 * The rows that a call was refused for, by their place, each with why; none where the fault is of another kind.
 *
 * A value that is none of its field's type can be a fault of the whole call: nothing is written, and the fault names the
 * value but not the row (`'12.5 kg' is not a valid value for the type xsd:double`).
 */
export function findRefusedRows(
  error: unknown,
  columns: readonly SoapColumn[],
  rows: readonly (readonly string[])[],
): ReadonlyMap<number, string> {
  const found = new Map<number, string>()
  const fault = error instanceof ApiError ? refusedValue.exec(error.message) : null
  const value = fault?.groups?.value
  if (fault === null || value === undefined) return found
  for (const [row, cells] of rows.entries()) {
    const column = columns.find(({ field, parent }, index) => {
      return parent === undefined && isTyped(field.type) && spellValue(field.type, cells[index] ?? '').text === value
    })
    if (column)
      found.set(row, `LOCAL:not sent, because the service refuses the value in ${column.field.name}: ${fault[0]}`)
  }
  return found
}

const refusedValue = /'(?<value>[\s\S]*)' is not a valid value for the type xsd:\w+/

function isTyped(type: string): boolean {
  return !spellValue(type, 'x').fits
}

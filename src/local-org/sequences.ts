import type { WriteContext } from './dml-context.ts'
import type { StoredField, StoredObject } from './schema.ts'
import { sequenceTable } from './schema-tables.ts'

/** Takes the next `count` numbers of a counter. Counters only go up, so that an id is never given twice. */
export function reserveNumbers(context: Pick<WriteContext, 'prepare'>, name: string, count: number): number[] {
  if (count === 0) return []
  const sql = `INSERT INTO ${sequenceTable} (name, next) VALUES (?1, ?2 + 1) ON CONFLICT (name) DO UPDATE SET next = next + ?2 RETURNING next`
  const next = Number(context.prepare(sql).rows([name, count])[0]?.[0])
  return Array.from({ length: count }, (_, index) => next - count + index)
}

/** The next value of an auto-number field: eight digits, as a case number has. */
export function formatAutoNumber(
  context: Pick<WriteContext, 'prepare'>,
  object: StoredObject,
  field: StoredField,
): string {
  const [number = 0] = reserveNumbers(context, `${object.name}.${field.name}`, 1)
  return String(number + 999).padStart(8, '0')
}

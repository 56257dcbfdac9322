import type { SqlValue } from '../sqlite/database.ts'
import { sentText } from './field-values.ts'
import type { KeptAs } from './kept-value.ts'
import type { RowValues } from './rows.ts'
import type { SyncField } from './sync-object.ts'

/** A new row as it was sent. */
export interface SentRow {
  readonly id: string
  /** In the order of the fields that records are compared by. */
  readonly values: RowValues
}

/**
 * New rows that wait for their records. A record is a row's when it holds all that was sent of it; what was left out may have got
 * a value from the org. Of several rows that a record would fit the one that says most gets it.
 */
export class WaitingRows {
  readonly #fields: readonly SyncField[]
  /** By the value of the field that tells most of them apart. */
  readonly #rows = new Map<string, SentRow[]>()
  readonly #key: number
  readonly #keptAs: KeptAs

  /** @param keptAs compares by the places of `fields` */
  constructor(fields: readonly SyncField[], rows: readonly SentRow[], keptAs: KeptAs) {
    this.#fields = fields
    this.#keptAs = keptAs
    this.#key = this.#findKey(rows)
    for (const row of rows.toSorted((one, other) => countFilled(other) - countFilled(one))) {
      const key = this.#keyOf(row.values)
      this.#rows.set(key, [...(this.#rows.get(key) ?? []), row])
    }
  }

  /** The Id of the row that a record is of, which then waits no more. */
  take(record: RowValues): string | undefined {
    const rows = this.#rows.get(this.#keyOf(record)) ?? []
    const place = rows.findIndex(({ values }) =>
      this.#fields.every((_, index) => isEmpty(values[index]) || this.#keptAs(index, values[index], record[index])),
    )
    return place < 0 ? undefined : rows.splice(place, 1)[0]?.id
  }

  /** A text that all rows have; none tells them apart where there is no such field. */
  #findKey(rows: readonly SentRow[]): number {
    const distinct = this.#fields.map((field, index) => {
      const isText = field.type === 'string' || field.type === 'email' || field.type === 'phone'
      if (!isText || rows.some(({ values }) => isEmpty(values[index]))) return 0
      return new Set(rows.map(({ values }) => values[index])).size
    })
    const most = Math.max(0, ...distinct)
    return most === 0 ? -1 : distinct.indexOf(most)
  }

  #keyOf(values: RowValues): string {
    const field = this.#fields[this.#key]
    if (field === undefined) return ''
    // As the org may have changed it.
    const text = sentText(field, values[this.#key]).trim()
    return text.replaceAll(/\r\n?/g, '\n').toLowerCase()
  }
}

function countFilled({ values }: SentRow): number {
  return values.filter((value) => !isEmpty(value)).length
}

function isEmpty(value: SqlValue | undefined): boolean {
  return value === null || value === undefined || value === ''
}

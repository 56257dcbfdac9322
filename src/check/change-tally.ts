import { LineTally } from './line-tally.ts'

/** What a field of a record would become. */
export interface FieldChange {
  readonly field: string
  /** As the org has it; empty for null. */
  readonly from: string
  readonly to: string
}

/** What the rows of an input would do to the records of the org. */
export interface Changes {
  readonly created: LineTally
  readonly changed: LineTally
  readonly unchanged: LineTally
  /** Rows of an update whose record the org does not have. */
  readonly missing: LineTally
  /** By field: how many records it would change in, and the first of them. */
  readonly fields: ReadonlyMap<string, FieldTally>
}

export interface FieldTally {
  count: number
  readonly examples: { readonly line: number; readonly from: string; readonly to: string }[]
}

const mostExamples = 3

/** Counts what each row would do, once, however often it is judged. */
export class ChangeTally implements Changes {
  readonly created = new LineTally()
  readonly changed = new LineTally()
  readonly unchanged = new LineTally()
  readonly missing = new LineTally()
  readonly fields = new Map<string, FieldTally>()
  #last = -1

  /** `place`: of the row in the input. */
  note(
    kind: 'created' | 'changed' | 'unchanged' | 'missing',
    line: number,
    place: number,
    changes: readonly FieldChange[],
  ) {
    if (place <= this.#last) return
    this.#last = place
    this[kind].add(line)
    for (const { field, from, to } of changes) {
      const tally = this.fields.get(field) ?? { count: 0, examples: [] }
      this.fields.set(field, tally)
      tally.count++
      if (tally.examples.length < mostExamples) tally.examples.push({ line, from, to })
    }
  }
}

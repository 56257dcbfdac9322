import type { FieldSource, Mapping } from './mapping.ts'
import type { Transform } from './transforms/transform.ts'

/** A column that a query writes: the field that it is of, and what it is called in the file. */
export interface ReversedColumn {
  /** As a query's header has it: `LastName`, `Account.ERP_Id__c`. */
  readonly field: string
  readonly name: string
  /** The service's spelling as the file has it. */
  readonly format: ((text: string) => string) | undefined
}

/**
 * A mapping the other way round, for a query: fields become columns in the order of the mapping. Dates, numbers, words and values
 * are spelt as the file has them; steps that cannot be undone, such as `lower`, are left out. `left`: entries that have no way
 * back, each with its reason.
 */
export function reverseMapping({ entries }: Mapping): {
  readonly columns: readonly ReversedColumn[]
  readonly left: readonly string[]
} {
  const columns: ReversedColumn[] = []
  const left: string[] = []
  const names = new Set<string>()
  for (const { field, source } of entries) {
    if (source.kind === 'constant') continue
    const [name, other] = columnsOf(source)
    if (source.kind === 'computed' && source.lookup) left.push(`${field} (it is looked up)`)
    else if (name === undefined || other !== undefined) left.push(`${field} (it is made of several columns)`)
    else if (names.has(name)) left.push(`${field} (${name} is filled by another field)`)
    else {
      names.add(name)
      columns.push({
        field: inQuery(field),
        name,
        format: source.kind === 'computed' ? undo(source.transforms) : undefined,
      })
    }
  }
  return { columns, left }
}

function columnsOf(source: Exclude<FieldSource, { readonly kind: 'constant' }>): readonly string[] {
  return source.kind === 'column' ? [source.column] : source.columns
}

/** `User:Owner.Username`, and Data Loader's `Owner:User-Username`, as SOQL has them: `Owner.Username`. */
function inQuery(field: string): string {
  const [, relationship, key] = /^(\w+):(?:\w+-)?(\w+)$/.exec(field) ?? []
  return relationship === undefined ? field.replace(/^\w+:/, '') : `${relationship}.${key}`
}

function undo(transforms: readonly Transform[]): ReversedColumn['format'] {
  const steps = transforms.flatMap(({ format }) => format ?? []).reverse()
  return steps.length === 0 ? undefined : (text) => steps.reduce((value, step) => step(value), text)
}

import { cellText } from '../csv/cells.ts'
import { type CountPassing, countPassingRows } from '../csv/plain-rows.ts'
import type { RecordTable } from '../csv/record-table.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { ComputedCells } from '../load/computed-cells.ts'
import type { NullPolicy } from '../load/encode-row.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import type { Operation } from '../operations.ts'
import { isRequiredOnInsert, type ObjectDescription } from '../org/object-description.ts'
import type { RowError } from '../values/row-error.ts'
import { type CellVerdict, type ColumnCheck, compileColumn } from './column-check.ts'
import type { KeyPrefixes } from './key-prefixes.ts'
import { ReadOnlyFields } from './read-only-fields.ts'
import { SentValues } from './sent-values.ts'

/** What decides whether the service would take a row. */
export interface CheckSubject {
  readonly mapping: CompiledMapping
  readonly object: ObjectDescription
  readonly operation: Operation
  readonly nulls: NullPolicy
  readonly prefixes: KeyPrefixes
}

export interface RowCheck {
  /** The error that the service would give for a row, or undefined where nothing speaks against it. */
  find(block: RecordBlock, record: number, computed: ComputedCells | undefined): RowError | undefined
  /** How many rows certainly have none; undefined where each must be looked at by itself. */
  readonly countPassing: CountPassing | undefined
}

const quote = 0x22

/**
 * Compiles the checks of a mapping. Only what is certain is an error: values that their field does not take, keys and
 * required fields that are missing, Ids of other objects. The first fault of a row counts, as with the service.
 */
export function compileRowCheck(subject: CheckSubject): RowCheck {
  const { columns } = subject.mapping
  const required = requiredNames(subject)
  const fills = (name: string) => columns.filter(({ target }) => target.field.name === name).length
  const checks = columns.map((column, place) => {
    const { name } = column.target.field
    return { ...compileColumn(subject, column, required.includes(name) && fills(name) === 1), place }
  })
  const absent = required.filter((name) => fills(name) === 0)
  const constant = judgeConstants(checks)
  const cells = checks.flatMap((check) => (typeof check.from === 'number' ? [{ ...check, index: check.from }] : []))
  const made = checks.filter(({ from }) => typeof from === 'object' && 'computed' in from)

  const readOnly = readOnlyById(subject)

  let missing = absent
  let ofReference: RowError | undefined
  /** Notes what the service finds out later; gives what ends its look at the row. */
  const weigh = (check: ColumnCheck, verdict: CellVerdict): RowError | undefined => {
    if (verdict === 'good') return undefined
    if (verdict === 'missing') missing = [...missing, check.field.name]
    else if (verdict.isOfReference) ofReference ??= verdict.error
    else return verdict.error
    return undefined
  }

  const find: RowCheck['find'] = (block, record, computed) => {
    const { bytes, cellStart, cellEnd } = block
    const first = block.firstCell[record]!
    missing = absent
    ofReference = undefined
    for (let i = 0; i < cells.length; i++) {
      const check = cells[i]!
      const cell = first + check.index
      let start = cellStart[cell]!
      let end = cellEnd[cell]!
      if (end - start >= 2 && bytes[start] === quote) {
        start++
        end--
      }
      if (check.isPlain(bytes, start, end)) continue
      const error = weigh(check, check.judge(cellText(block, cell)))
      if (error !== undefined) return error
    }
    for (let i = 0; i < made.length; i++) {
      const check = made[i]!
      const { bytes: value, start, end } = computed!.value(check.place)
      if (check.isPlain(value, start, end)) continue
      const error = weigh(check, check.judge(value.toString('utf8', start, end)))
      if (error !== undefined) return error
    }
    const unwritable = readOnly && findReadOnly(subject, readOnly, block, record, computed)
    return constant ?? unwritable ?? ofReference ?? (missing.length > 0 ? missingFields(missing) : undefined)
  }
  const isSimple = readOnly === undefined && absent.length === 0 && constant === undefined
  return { find, countPassing: isSimple ? countPlain(cells, made) : undefined }
}

/**
 * Looks at the columns that the kernel knows for all rows first, then at the others in those rows that are left. `made`: those
 * whose values are made of cells, in the order in which they are made.
 */
function countPlain(
  cells: readonly (ColumnCheck & { readonly index: number })[],
  made: readonly ColumnCheck[],
): CountPassing {
  const countPassing = countPassingRows(
    [...cells, ...made].flatMap(({ plain }) => plain ?? []),
    undefined,
    made.length > 0,
  )
  const others = cells.filter(({ plain }) => plain === undefined)
  const otherMade = made.flatMap((check, place) => (check.plain === undefined ? [{ ...check, place }] : []))
  return (table, first, end) => {
    let passing = countPassing(table, first, end)
    for (const { index, isPlain } of others) passing = countPlainCells(table, first, passing, index, isPlain)
    for (const { place, isPlain } of otherMade) {
      const { made: bytes, madeStart, madeEnd, kernel } = table
      const firstRow = first - kernel.madeFirst.value
      let count = 0
      for (; count < passing; count++) {
        const value = place * kernel.madeStride.value + firstRow + count
        if (!isPlain(bytes, madeStart[value]!, madeEnd[value]!)) break
      }
      passing = count
    }
    return passing
  }
}

function countPlainCells(
  { bytes, firstCell, cellStart, cellEnd }: RecordTable,
  first: number,
  most: number,
  index: number,
  isPlain: ColumnCheck['isPlain'],
): number {
  let count = 0
  for (; count < most; count++) {
    const cell = firstCell[first + count]! + index
    let start = cellStart[cell]!
    let stop = cellEnd[cell]!
    if (stop - start >= 2 && bytes[start] === quote) {
      start++
      stop--
    }
    if (!isPlain(bytes, start, stop)) break
  }
  return count
}

/** An upsert by Id creates the records of rows without one, so what a row does is known by its key; by other keys it is not. */
function readOnlyById({ mapping, operation, nulls }: CheckSubject): ReadOnlyFields | undefined {
  const key = mapping.key === undefined ? undefined : mapping.columns[mapping.key]
  if (operation.key !== 'external-id' || key?.target.name !== 'Id') return undefined
  const fields = new ReadOnlyFields(mapping, nulls)
  return fields.isEmpty ? undefined : fields
}

function findReadOnly(
  { mapping, nulls }: CheckSubject,
  fields: ReadOnlyFields,
  block: RecordBlock,
  record: number,
  computed: ComputedCells | undefined,
): RowError | undefined {
  const id = new SentValues(mapping.columns, mapping.key, nulls).read(mapping.key!, block, record, computed)
  return fields.find(!id, block, record, computed)
}

/** Fields that every row of an insert must fill. Person accounts have a last name in place of the name that is described. */
function requiredNames({ operation, object }: CheckSubject): readonly string[] {
  if (operation.fields !== 'createable') return []
  const hasPersons = object.fields.some(({ name }) => name === 'IsPersonAccount')
  const names = object.fields.filter(isRequiredOnInsert).map(({ name }) => name)
  return hasPersons ? names.filter((name) => name !== 'Name') : names
}

/** A constant that no record can have is the fault of every row. */
function judgeConstants(checks: readonly ColumnCheck[]): RowError | undefined {
  for (const { from, field, judge } of checks) {
    if (typeof from === 'number' || !('constant' in from)) continue
    const verdict = judge(from.constant)
    if (verdict === 'missing') return missingFields([field.name])
    if (verdict !== 'good') return verdict.error
  }
  return undefined
}

function missingFields(names: readonly string[]): RowError {
  const message = `Required fields are missing: [${names.join(', ')}]`
  return { statusCode: 'REQUIRED_FIELD_MISSING', message, fields: names }
}

import type { RecordBlock } from '../csv/records.ts'
import type { ComputedCells } from '../load/computed-cells.ts'
import type { MappedRows } from '../load/plan.ts'
import type { HeldRow, RowGate } from '../load/row-gate.ts'
import type { ObjectDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import { formatRowError, type RowError } from '../values/row-error.ts'
import { keyPrefixes } from './key-prefixes.ts'
import { type CheckSubject, compileRowCheck, type RowCheck } from './row-check.ts'

/**
 * Errors that the service would give by what it knows of a field today: its length, its values, whether it is required.
 * A description that is kept from an earlier run may say otherwise.
 */
const byDescription: ReadonlySet<string> = new Set([
  'STRING_TOO_LONG',
  'REQUIRED_FIELD_MISSING',
  'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST',
  'INVALID_CROSS_REFERENCE_KEY',
  'NUMBER_OUTSIDE_VALID_RANGE',
])

/** The gate of a load: its description is asked for anew before it is held against a row. */
export function openCheckGate(rows: MappedRows, org: Pick<Org, 'describe'>): RowGate {
  const prefixes = keyPrefixes([rows.object])
  return new CheckGate({ ...rows, prefixes }, () => org.describe(rows.object.name, { fresh: true }))
}

/**
 * Holds back the rows that the service would refuse. Before the first one is held back for what the description says of a
 * field, `describeAnew` is asked once: from then on a row must be at fault by both descriptions, so that what was sent
 * before stays right, and nothing is held back that the org takes today.
 */
class CheckGate implements RowGate {
  readonly #check: RowCheck
  readonly #describe: () => Promise<RowCheck>
  #checkAnew: RowCheck | undefined
  #isUnsure = false

  constructor(subject: CheckSubject, describeAnew: () => Promise<ObjectDescription>) {
    this.#check = compileRowCheck(subject)
    this.#describe = async () => {
      const object = await describeAnew()
      return object === subject.object ? this.#check : compileRowCheck({ ...subject, object })
    }
  }

  hold(block: RecordBlock, record: number, computed: ComputedCells | undefined): HeldRow | undefined {
    const error = this.#find(block, record, computed)
    if (error === undefined) return undefined
    this.#isUnsure = this.#checkAnew === undefined && byDescription.has(error.statusCode)
    return { kind: 'rejected', error: `LOCAL:${formatRowError(error)}` }
  }

  get countPassing(): RowGate['countPassing'] {
    return this.#check.countPassing
  }

  get question(): RowGate['question'] {
    if (!this.#isUnsure) return undefined
    return async () => {
      this.#checkAnew = await this.#describe()
      this.#isUnsure = false
    }
  }

  #find(block: RecordBlock, record: number, computed: ComputedCells | undefined): RowError | undefined {
    const error = this.#check.find(block, record, computed)
    if (error === undefined || this.#checkAnew === undefined || this.#checkAnew === this.#check) return error
    return this.#checkAnew.find(block, record, computed)
  }
}

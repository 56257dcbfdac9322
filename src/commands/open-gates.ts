import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { ChangeGate } from '../check/change-gate.ts'
import type { Changes } from '../check/change-tally.ts'
import { openCheckGate } from '../check/check-gate.ts'
import { CurrentRecords } from '../check/current-records.ts'
import { EncodingDamage } from '../check/encoding-damage.ts'
import { joinGates } from '../check/join-gates.ts'
import { openParentGate } from '../check/parent-gate.ts'
import { dependsOnRecordType, openPicklistGate } from '../check/picklist-gate.ts'
import { UsageError } from '../errors.ts'
import type { MappedRows } from '../load/plan.ts'
import type { RowGate } from '../load/row-gate.ts'
import { type OperationName, operations } from '../operations.ts'
import type { Org } from '../org/org.ts'

/** What a write says of rows that are held back. */
export interface GateOptions {
  readonly check?: boolean | undefined
  readonly allOrNone?: boolean | undefined
  readonly dryRun?: boolean | undefined
  readonly online?: boolean | undefined
  readonly describe?: readonly string[] | undefined
  readonly onlyChanged?: boolean | undefined
  readonly onlyEmpty?: boolean | undefined
  readonly neverInsert?: boolean | undefined
}

export interface GateTools {
  readonly org: Org
  readonly signal: AbortSignal
  /** Where records of the org are kept for as long as the run may be carried on. */
  readonly folder: string
  /** Private folder for answers while they are read. */
  readonly spoolFolder: string
}

/** Throws `UsageError` for options that the operation does not take. */
export function checkGates(operation: OperationName, options: GateOptions): void {
  const given = [
    options.onlyChanged ? '--only-changed' : '',
    options.onlyEmpty ? '--only-empty' : '',
    options.neverInsert ? '--never-insert' : '',
  ].filter((name) => name !== '')
  const { key, fields } = operations[operation]
  if (given.length > 0 && (key === 'none' || fields === 'id-only')) {
    throw new UsageError(`${given.join(' and ')} goes with update and upsert, not with ${operation}`)
  }
  if (options.online && options.describe) {
    throw new UsageError('--online asks the org, and --describe asks none', { hint: 'leave one of them out' })
  }
}

/** What holds back rows of a write, and what was found out about them on the way. */
export class Gates {
  /** Watches the rows of a write that is only foreseen. */
  readonly damage: EncodingDamage | undefined
  readonly #options: GateOptions
  readonly #opened: CurrentRecords[] = []
  #changes: ChangeGate | undefined
  #unknown: () => readonly string[] = () => []

  constructor(options: GateOptions) {
    this.#options = options
    this.damage = options.dryRun === true ? new EncodingDamage() : undefined
  }

  /** What the rows would do to the records that the org has; undefined where these were not read. */
  get changes(): Changes | undefined {
    return this.#changes?.changes
  }

  /** What could not be checked, and why. */
  get unknown(): readonly string[] {
    return this.#unknown()
  }

  async open(rows: MappedRows, tools: GateTools): Promise<RowGate | undefined> {
    const { check, allOrNone, online } = this.#options
    // With --all-or-none a bad row undoes its call, so the service must see it.
    const checks = check === false || allOrNone === true ? [] : [openCheckGate(rows, tools.org)]
    const parents = online ? await openParentGate(rows, (name) => this.#keep(name, tools), reading(tools)) : undefined
    this.#changes = this.#openChanges(rows, tools)
    const picklists = checks.length > 0 ? await this.#openPicklists(rows, tools) : undefined
    const gates = [...checks, picklists, parents, this.#changes, this.damage].filter((gate) => gate !== undefined)
    return gates.length === 0 ? undefined : joinGates(gates)
  }

  close(): void {
    for (const records of this.#opened) records.close()
  }

  /** A file with a description does not tell what a record type has. */
  async #openPicklists(rows: MappedRows, { org, folder }: GateTools): Promise<RowGate | undefined> {
    if (this.#options.describe !== undefined) {
      const isUnknown = dependsOnRecordType(rows)
      this.#unknown = () => (isUnknown ? ['picklist values of each record type: a description does not hold them'] : [])
      return undefined
    }
    const gate = await openPicklistGate(rows, org, folder)
    this.#unknown = () =>
      gate?.isUntold ? [`picklist values of each record type: ${org.name} does not tell them`] : []
    return gate
  }

  #openChanges(rows: MappedRows, tools: GateTools): ChangeGate | undefined {
    const { onlyChanged = false, onlyEmpty = false, neverInsert = false, online = false } = this.#options
    if (rows.mapping.key === undefined || !(onlyChanged || onlyEmpty || neverInsert || online)) return undefined
    const policy = { onlyChanged, onlyEmpty, neverInsert, refusesMissing: online }
    return new ChangeGate(rows, policy, this.#keep('records', tools), reading(tools))
  }

  #keep(name: string, { folder }: GateTools): CurrentRecords {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const records = new CurrentRecords(join(folder, `${name}.db`))
    this.#opened.push(records)
    return records
  }
}

function reading({ org, signal, spoolFolder }: GateTools) {
  return { org, signal, folder: spoolFolder }
}

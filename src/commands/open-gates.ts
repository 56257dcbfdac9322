import { openCheckGate } from '../check/check-gate.ts'
import { joinGates } from '../check/join-gates.ts'
import type { PlanTools } from '../load/plan.ts'
import type { RowGate } from '../load/row-gate.ts'
import type { Org } from '../org/org.ts'

export interface GateOptions {
  readonly check?: boolean | undefined
  readonly allOrNone?: boolean | undefined
}

/** What holds back rows of a load; `watch`: sees every row besides. */
export function gatesOf(
  { check, allOrNone }: GateOptions,
  org: Pick<Org, 'describe'>,
  watch: RowGate | undefined,
): PlanTools['openGate'] {
  return (rows) => {
    // With --all-or-none a bad row undoes its call, so the service must see it.
    const checks = check === false || allOrNone === true ? [] : [openCheckGate(rows, org)]
    const gates = [...checks, ...(watch ? [watch] : [])]
    return gates.length === 0 ? undefined : joinGates(gates)
  }
}

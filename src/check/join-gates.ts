import type { RowGate } from '../load/row-gate.ts'

/** Several gates in a row: the first that holds a row back says why. */
export function joinGates(gates: readonly RowGate[]): RowGate {
  const [only] = gates
  if (only !== undefined && gates.length === 1) return only
  return {
    async prepare(block, computed) {
      for (const gate of gates) await gate.prepare?.(block, computed)
    },
    hold(block, record, computed) {
      for (const gate of gates) {
        const held = gate.hold(block, record, computed)
        if (held !== undefined) return held
      }
      return undefined
    },
    blanks(block, record, computed) {
      const blanks = gates.flatMap((gate) => [...(gate.blanks?.(block, record, computed) ?? [])])
      return blanks.length === 0 ? undefined : new Set(blanks)
    },
    /** A gate that cannot tell for many rows is asked for each. */
    countPassing(table, first, end) {
      let last = end
      for (const gate of gates) last = first + (gate.countPassing?.(table, first, last) ?? 0)
      return last - first
    },
    get question() {
      return gates.find(({ question }) => question !== undefined)?.question
    },
  }
}

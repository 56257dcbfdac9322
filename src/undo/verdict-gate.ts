import { cellText } from '../csv/cells.ts'
import type { RowGate } from '../load/row-gate.ts'

/**
 * Column of an undo's rows that says why one is not sent: empty for those that are, `done` for a record that is already as
 * it was, and the text for the errors file otherwise. Like all columns of this kind it goes no further.
 */
export const verdictColumn = 'sf__Verdict'

/** What stands there for a record that is as it was before the run. */
export const doneVerdict = 'done'

/** Holds back the rows of an undo that say why: their first column is the verdict, their second the Id. */
export function createVerdictGate(): RowGate {
  return {
    async prepare() {},
    hold(block, record) {
      const first = block.firstCell[record]!
      const verdict = cellText(block, first)
      if (verdict === '') return undefined
      if (verdict === doneVerdict) return { kind: 'skipped', id: cellText(block, first + 1) }
      return { kind: 'rejected', error: verdict }
    },
  }
}

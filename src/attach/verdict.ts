import type { LentMemory } from '../load/lent-memory.ts'
import { Outcomes, outcome } from '../load/outcomes.ts'

/** What became of a row. */
export type RowVerdict =
  | { readonly verdict: 'accepted'; readonly id: string; readonly created: boolean }
  /** `error`: Salesforce's own text, or one that begins `LOCAL:`. */
  | { readonly verdict: 'rejected'; readonly id: string; readonly error: string }
  /** `error`: why nothing is known, without `UNKNOWN:`. */
  | { readonly verdict: 'unknown'; readonly id: string; readonly error: string }

/** The verdicts in the form in which result files are written. */
export function toOutcomes(verdicts: readonly RowVerdict[], folder: string, memory: LentMemory): Outcomes {
  const outcomes = new Outcomes(memory.rows.begin(verdicts.length), folder)
  for (const [row, verdict] of verdicts.entries()) {
    const id = Buffer.from(verdict.id, 'latin1')
    outcomes.setId(row, id, 0, id.length)
    if (verdict.verdict === 'accepted') {
      outcomes.setStatus(row, verdict.created ? outcome.created : outcome.changed)
      continue
    }
    const isUnknown = verdict.verdict === 'unknown'
    const text = isUnknown
      ? `UNKNOWN:${verdict.error}; look the record up in the org before sending it again`
      : verdict.error
    outcomes.setStatus(row, isUnknown ? outcome.ambiguous : outcome.rejected)
    // Texts are kept with their quotes doubled, as they stand in a file.
    outcomes.setText(row, Buffer.from(text.replaceAll('"', '""')))
  }
  return outcomes
}

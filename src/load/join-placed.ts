import type { LentMemory } from './lent-memory.ts'
import { Outcomes, outcome } from './outcomes.ts'
import type { PlacedResult, Transport } from './transport.ts'

/** JOIN for an API that answers in the order of what was sent: each answer says its place. */
export async function joinPlaced(
  rows: number,
  results: ReturnType<Transport['results']>,
  folder: string,
  memory: LentMemory,
): Promise<Outcomes> {
  const outcomes = new Outcomes(memory.rows.begin(rows), folder)
  for await (const answers of results) {
    if (!('placed' in answers)) throw new Error('echoed answers came from a transport that answers by position')
    for (const answer of answers.placed) store(outcomes, answer)
  }
  return outcomes
}

function store(outcomes: Outcomes, { row, verdict, id, created, error }: PlacedResult): void {
  const bytes = Buffer.from(id, 'latin1')
  outcomes.setId(row, bytes, 0, bytes.length)
  if (verdict === 'accepted') outcomes.setStatus(row, created ? outcome.created : outcome.changed)
  else if (verdict === 'unprocessed') outcomes.setStatus(row, outcome.unprocessed)
  else {
    const isUnknown = verdict === 'unknown'
    const text = isUnknown ? `UNKNOWN:${error}; look the record up in the org before sending it again` : error
    outcomes.setStatus(row, isUnknown ? outcome.ambiguous : outcome.rejected)
    // Texts are kept with their quotes doubled, as they stand in a file.
    outcomes.setText(row, Buffer.from(text.replaceAll('"', '""')))
  }
}

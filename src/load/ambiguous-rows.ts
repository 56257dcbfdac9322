import { serviceNull } from '../service-null.ts'
import { type Outcomes, outcome } from './outcomes.ts'
import type { AlikeRows } from './row-groups.ts'

/**
 * Rows that are alike in what was sent but not in the file: fine while the answers are of one kind, a guess otherwise. Where they
 * may make different records, as an empty cell and `#N/A` do, they must be the same answer.
 */
export function markAmbiguous(outcomes: Outcomes, { rows, areSame }: AlikeRows): void {
  const kind = (row: number) => (outcomes.status(row) === outcome.created ? outcome.changed : outcomes.status(row))
  const [first] = rows
  if (first === undefined) return
  const answerOf = (row: number) => (areSame ? kind(row) : describeAnswer(outcomes, row))
  if (rows.every((row) => answerOf(row) === answerOf(first))) return
  const answers = rows.map((row) => describeAnswer(outcomes, row))
  const alike = areSame
    ? 'identical in what was sent'
    : `alike but for ${serviceNull} or white space, which the answers do not tell,`
  const text = Buffer.from(
    `UNKNOWN:${rows.length} rows are ${alike} and got different answers (${summarise(answers)}); ` +
      'which answer is for this row cannot be told: look the records up in the org',
  )
  for (const row of rows) {
    outcomes.setStatus(row, outcome.ambiguous)
    outcomes.setText(row, text)
  }
}

/**
 * Rows that have got their answers, when another answer comes that fits them as well: which one is whose would be a guess. What
 * only repeats an answer changes nothing; returns whether it is that.
 */
export function markContested(outcomes: Outcomes, rows: readonly number[], answer: string): boolean {
  const answers = rows.slice(0, mostCompared).map((row) => describeAnswer(outcomes, row))
  if (answers.includes(answer)) return true
  const fitted = rows.length === 1 ? 'this row' : `the ${rows.length} rows that are like this one in what was sent`
  const text = Buffer.from(
    `UNKNOWN:more answers than one for each came that fit ${fitted} (${summarise([answer, ...answers])}); ` +
      'which answer is for this row cannot be told: look the records up in the org',
  )
  for (const row of rows) {
    outcomes.setStatus(row, outcome.ambiguous)
    outcomes.setText(row, text)
  }
  return false
}

/** Among more rows than these a repeated answer is not looked for. */
const mostCompared = 16

function describeAnswer(outcomes: Outcomes, row: number): string {
  const id = outcomes.id(row)?.toString('latin1')
  switch (outcomes.status(row)) {
    case outcome.created:
    case outcome.changed:
      return `accepted ${id ?? ''}`
    case outcome.rejected:
      return `rejected ${outcomes.text(row)?.toString('utf8') ?? ''}`
    case outcome.unprocessed:
      return 'unprocessed'
    default:
      return 'no answer'
  }
}

function summarise(answers: readonly string[]): string {
  const most = 4
  const shown = answers.slice(0, most).join('; ')
  return answers.length > most ? `${shown}; and ${answers.length - most} more` : shown
}

import type { RecordedAnswer } from '../runs/run-entries.ts'
import type { PlacedResult } from './transport.ts'

const letters = { accepted: 'a', rejected: 'r', unprocessed: 'u', unknown: '?' } as const satisfies Record<
  PlacedResult['verdict'],
  string
>
const verdicts = { a: 'accepted', r: 'rejected', u: 'unprocessed', '?': 'unknown' } as const

/** Answers of a call as they are written down, by the place of their rows. */
export function recordAnswers(answers: readonly PlacedResult[]): readonly RecordedAnswer[] {
  return answers.map(({ row, verdict, id, created, error }) => [row, letters[verdict], id, created ? 1 : 0, error])
}

/** Answers that were written down. */
export function readAnswers(recorded: readonly RecordedAnswer[]): readonly PlacedResult[] {
  return recorded.map(([row, letter, id, created, error]) => ({
    row,
    verdict: verdicts[letter],
    id,
    created: created === 1,
    error,
  }))
}

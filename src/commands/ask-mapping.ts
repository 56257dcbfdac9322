import { UsageError } from '../errors.ts'
import { FieldNames } from '../mapping/field-names.ts'
import {
  findMissing,
  type Proposal,
  type ProposedEntry,
  type SampledColumn,
} from '../mapping/proposal/propose-mapping.ts'
import { findSampleFormat } from '../mapping/proposal/sample-format.ts'
import { findNearest } from '../nearest.ts'
import type { ObjectDescription } from '../org/object-description.ts'
import type { CommandCall } from './command.ts'
import { openQuestions } from './questions.ts'

/** Asks on the terminal what each column fills: Enter takes the proposal, a field's name another, `-` none. */
export async function askAboutColumns(
  proposal: Proposal,
  columns: readonly SampledColumn[],
  object: ObjectDescription,
  { io, signal }: Pick<CommandCall<unknown>, 'io' | 'signal'>,
): Promise<Proposal> {
  const names = new FieldNames(object)
  const asking = openQuestions(io, signal)
  const entries: ProposedEntry[] = []
  const ignored: { column: string; note: string }[] = []
  io.stderr.write(`What does each column fill? Enter: as proposed; a field of ${object.name}; - for none\n`)
  try {
    for (const { name, cells } of columns) {
      const proposed = proposal.entries.find(({ column }) => column === name)
      const note = proposal.ignored.find(({ column }) => column === name)?.note ?? proposed?.note ?? ''
      const sample = cells.find((cell) => cell !== '') ?? ''
      for (;;) {
        const question = `${name} (${JSON.stringify(sample.slice(0, 30))}) → [${proposed?.field ?? '-'}] `
        const answer = (await asking.ask(question))?.trim()
        if (answer === undefined) throw notAnswered(name)
        if (answer === '-' || (answer === '' && !proposed)) {
          ignored.push({ column: name, note })
          break
        }
        const entry = answer === '' ? proposed : answerEntry(answer, name, cells, names)
        const isTwice = entries.some(({ field }) => field === entry?.field)
        if (entry && !isTwice) {
          entries.push(entry)
          break
        }
        const near = findNearest(answer, names.names())
        const hint = near.length > 0 ? `; did you mean ${near.join(' or ')}?` : ''
        io.stderr.write(
          isTwice ? `  ${entry?.field} is filled already\n` : `  ${object.name} has no field ${answer}${hint}\n`,
        )
      }
    }
  } finally {
    asking.close()
  }
  const missing = findMissing(object, new Set(entries.map(({ field }) => field)))
  return { ...proposal, entries, ignored, missing }
}

function notAnswered(column: string): UsageError {
  return new UsageError(`nobody has said what ${column} fills: no mapping was made`, {
    code: 'NO_INPUT',
    hint: 'answer - for a column that fills none, or leave out --interactive',
  })
}

function answerEntry(
  answer: string,
  column: string,
  cells: readonly string[],
  names: FieldNames,
): ProposedEntry | undefined {
  const found = names.find(answer)
  if (!found || 'fault' in found) return undefined
  const format = findSampleFormat(cells, found.type, undefined)
  return { column, field: found.name, keys: format?.keys ?? {}, note: format?.note ?? '', isGuess: false }
}

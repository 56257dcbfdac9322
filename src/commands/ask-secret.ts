import { UsageError } from '../errors.ts'
import type { Io } from './command.ts'
import { openQuestions } from './questions.ts'

/** Asks on the terminal for something that must not be seen while it is typed. Throws `UsageError` when nobody answers. */
export async function askSecret(what: string, io: Io, signal: AbortSignal): Promise<string> {
  const asking = openQuestions(io, signal, { hidden: true })
  // Asked when the terminal shows nothing any more, and not before: a quick answer would be seen.
  io.stderr.write(`${what}: `)
  try {
    const answer = await asking.ask('')
    if (answer !== undefined) return answer
  } finally {
    asking.close()
    io.stderr.write('\n')
  }
  throw new UsageError(`nobody has typed the ${what.replace(/ \(.*$/, '')}`, {
    code: 'NO_INPUT',
    hint: 'type it and press Enter; Enter alone is an empty one',
  })
}

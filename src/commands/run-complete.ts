import { findCandidates } from '../completion/candidates.ts'
import { knownNames } from '../completion/known-names.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { sfbulkHome } from '../org/settings.ts'
import type { CommandCall } from './command.ts'
import { commands } from './table.ts'

/** Prints a line for each word that may stand at the cursor: `value<tab>about`, and `:files` for names of files. */
export async function run({ arguments: words, io }: CommandCall<object>): Promise<ExitCode> {
  const typed = words.map((word) => word ?? '')
  const visible = commands.filter(({ hidden }) => !hidden)
  const { words: found, files } = await findCandidates(visible, typed, knownNames(sfbulkHome(io.environment)))
  for (const { value, about } of found) io.stdout.write(`${value}\t${about}\n`)
  if (files) io.stdout.write(':files\n')
  return exitCodes.done.code
}

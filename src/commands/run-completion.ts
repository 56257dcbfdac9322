import { scripts, shells } from '../completion/scripts.ts'
import { UsageError } from '../errors.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { CommandCall } from './command.ts'

/** Prints the script of a shell. */
export async function run({ arguments: [name], io }: CommandCall<object>): Promise<ExitCode> {
  const shell = shells.find((each) => each === name)
  if (shell === undefined) {
    throw new UsageError(`there is no completion for ${name}`, { hint: `there is one for ${shells.join(', ')}` })
  }
  io.stdout.write(scripts[shell])
  return exitCodes.done.code
}

import { UsageError } from '../errors.ts'
import { findNearest } from '../nearest.ts'
import { type OperationName, operations } from '../operations.ts'
import type { checkOptions } from './check.ts'
import type { CommandCall, CommandResult } from './command.ts'
import type { OptionValues } from './option.ts'
import { runWrite } from './run-write.ts'

/** Runs the operation up to where it would send its first row. */
export async function run(call: CommandCall<OptionValues<typeof checkOptions>>): Promise<CommandResult> {
  const [name = '', ...words] = call.arguments
  const operation = findOperation(name)
  if (operation === undefined) {
    const names = Object.keys(operations)
    const near = findNearest(name, names)
    throw new UsageError(`there is no operation ${JSON.stringify(name)}`, {
      hint: near.length > 0 ? `did you mean ${near.join(' or ')}?` : `operations: ${names.join(', ')}`,
    })
  }
  return await runWrite(operation, { ...call, arguments: words, options: { ...call.options, dryRun: true } })
}

function findOperation(name: string): OperationName | undefined {
  return Object.values(operations).find((operation) => operation.name === name)?.name
}

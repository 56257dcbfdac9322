import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import { checkTables } from '../sync/check-tables.ts'
import { type Conflict, listConflicts } from '../sync/conflicts.ts'
import { type Decide, resolveConflicts, type Side } from '../sync/resolve.ts'
import { readRules } from '../sync/resolve-rules.ts'
import { openSyncFile } from '../sync/sync-file.ts'
import { renderSideBySide } from '../ui/conflict.ts'
import type { CommandCall, CommandResult } from './command.ts'
import type { OptionValues } from './option.ts'
import { openQuestions } from './questions.ts'
import type { syncResolveOptions } from './sync-resolve-options.ts'
import { locked, syncPath } from './with-sync.ts'

type ResolveCall = CommandCall<OptionValues<typeof syncResolveOptions>>

/** Decides conflicts by what was typed, by rules, or by asking. */
export async function run(call: ResolveCall): Promise<CommandResult> {
  const { options, io } = call
  const file = openSyncFile(syncPath(call), call.arguments[0])
  try {
    return await locked(file, async () => {
      checkTables(file)
      const conflicts = listConflicts(file).filter((conflict) => isMeant(conflict, options))
      const decide = conflicts.length === 0 ? () => undefined : await findDecider(call, conflicts)
      const decided = resolveConflicts(file, (conflict) => (isMeant(conflict, options) ? decide(conflict) : undefined))
      const left = listConflicts(file)
      const exitCode = exitCodes[left.length > 0 ? 'rejected' : 'done'].code
      if (options.json) {
        io.stdout.write(`${JSON.stringify({ file: call.arguments[0], decided, conflicts: left, exitCode })}\n`)
      }
      if (!options.quiet) io.stderr.write(`${decided} decided, ${left.length} left\n`)
      return exitCode
    })
  } finally {
    file.close()
  }
}

function isMeant(conflict: Conflict, { object, id, field }: ResolveCall['options']): boolean {
  return (
    (object === undefined || object.toLowerCase() === conflict.object.toLowerCase()) &&
    (id === undefined || conflict.id.startsWith(id)) &&
    (field === undefined || field.toLowerCase() === conflict.field.toLowerCase())
  )
}

async function findDecider(call: ResolveCall, conflicts: readonly Conflict[]): Promise<Decide> {
  const { options, io } = call
  if (options.rules !== undefined) return await readRules(resolve(io.folder, options.rules))
  const side: Side | undefined = options.ours
    ? 'ours'
    : options.theirs
      ? 'theirs'
      : options.newest
        ? 'newest'
        : undefined
  return side === undefined ? await ask(call, conflicts) : () => side
}

/** Shows each conflict and asks. What is left out, or asked about after `q`, stays as it is. */
async function ask({ io, signal }: ResolveCall, conflicts: readonly Conflict[]): Promise<Decide> {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) {
    throw new UsageError('nothing says which side stands, and there is no terminal to ask on', {
      code: 'NOT_CONFIRMED',
      hint: 'add --ours, --theirs, --newest or --rules',
    })
  }
  const decided = new Map<string, Side>()
  const asking = openQuestions(io, signal)
  try {
    for (const conflict of conflicts) {
      for (const line of renderSideBySide(conflict, io.stderr.columns ?? 80)) io.stderr.write(`${line}\n`)
      let answer: Answer | undefined
      while (answer === undefined) {
        // What ends the input ends the questions.
        const typed = ((await asking.ask(`${question} `)) ?? 'quit').trim().toLowerCase()
        answer = answers.find((each) => each.startsWith(typed) && typed !== '')
      }
      if (answer === 'quit') break
      if (answer !== 'skip') decided.set(nameOf(conflict), answer)
    }
  } finally {
    asking.close()
  }
  return (conflict) => decided.get(nameOf(conflict))
}

const answers = ['ours', 'theirs', 'newest', 'skip', 'quit'] as const
type Answer = (typeof answers)[number]
const question = 'take [o]urs, [t]heirs, the [n]ewest, [s]kip or [q]uit?'

function nameOf({ object, id, field }: Conflict): string {
  return `${object} ${id} ${field}`
}

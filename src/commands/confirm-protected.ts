import { UsageError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import type { Io } from './command.ts'
import { canAsk, confirm } from './select-rows.ts'

/** Whether somebody has said yes beforehand, and where to ask else. */
export interface ConfirmTools {
  readonly yes: boolean | undefined
  readonly io: Io
  readonly signal: AbortSignal
  /** Takes away what is drawn on the terminal. */
  readonly hide: () => void
}

/**
 * Asks before a write to an org that was saved with `--protected`. Throws `UsageError` when the answer is no, or when
 * nobody can be asked and `--yes` was not given. `what`: a sentence without its end, such as `upsert into Account`.
 */
export async function confirmProtected(org: Org, what: string, tools: ConfirmTools): Promise<void> {
  const { yes, io, signal, hide } = tools
  if (!org.isProtected || yes === true) return
  hide()
  if (canAsk(io)) return await confirm(`${what} on ${org.name}, which is protected`, io, signal)
  throw new UsageError(`${org.name} is protected: ${what} asks first, and there is no terminal to ask on`, {
    code: 'NOT_CONFIRMED',
    hint: 'look with --dry-run what it would do where that is offered, then add --yes',
  })
}

import { ExpectedError } from '../errors.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { sfbulkHome } from '../org/settings.ts'
import { hasLeftOver } from '../sync/status.ts'
import { runSync, type SyncAccount } from '../sync/sync.ts'
import { renderSyncAccount, syncView } from '../ui/sync.ts'
import type { CommandCall, CommandResult } from './command.ts'
import { confirmProtected } from './confirm-protected.ts'
import { describeError } from './describe-error.ts'
import type { OptionValues } from './option.ts'
import { quoteWords } from './quote-words.ts'
import { recordSync } from './record-sync.ts'
import type { syncPullOptions, syncPushOptions, syncRunOptions } from './sync-options.ts'
import { openTalk } from './talk.ts'
import { withSync } from './with-sync.ts'

type SyncCommandCall = CommandCall<
  | OptionValues<typeof syncPullOptions & typeof syncPushOptions>
  | OptionValues<typeof syncPullOptions>
  | OptionValues<typeof syncPushOptions>
  | OptionValues<typeof syncRunOptions>
>

/** Pulls, pushes, or both, and tells what came of it. */
export async function runSyncCommand(what: 'pull' | 'push' | 'run', call: SyncCommandCall): Promise<CommandResult> {
  const { options, io } = call
  const began = performance.now()
  const talk = await openTalk(call, syncView, true)
  let finished: FinishedSync
  try {
    finished = await withSync(call, talk, async (tools) => {
      if (what !== 'pull') {
        const yes = 'yes' in options && options.yes === true
        await confirmProtected(tools.org, `sync ${what}`, { yes, io, signal: call.signal, hide: talk.hide })
      }
      const asked = { ...options, only: options.object, pull: what !== 'push', push: what !== 'pull' }
      let pushes = 0
      const namePush = () => {
        pushes += 1
        return tools.namePush()
      }
      const sync = async () => {
        const account = await runSync({ ...tools, namePush }, asked)
        const error = sayHowToGoOn(account.error, what, call)
        return { ...account, error, exitCode: exitCodeOf(account) }
      }
      const home = sfbulkHome(io.environment)
      const [path = ''] = call.arguments
      const recorded = {
        home,
        command: `sync ${what}`,
        file: path,
        folder: io.folder,
        org: tools.org,
        hasSent: () => pushes > 0,
      }
      const account = what === 'pull' ? await sync() : await recordSync(recorded, sync)
      return { account, org: tools.org.name, ...tools.org.usage }
    })
  } catch (error) {
    throw sayHowToGoOn(error, what, call)
  } finally {
    talk.stop()
  }
  const { account } = finished
  talk.conclude(renderSyncAccount(account.status, account.pushed, account.pulled))
  const { exitCode } = account
  if (options.json === true) {
    const elapsedMs = Math.round(performance.now() - began)
    const error = account.error === undefined ? {} : { error: describeError(account.error) }
    const { org, apiCalls, bytesSent } = finished
    io.stdout.write(
      `${JSON.stringify({ file: call.arguments[0], org, objects: describeObjects(account), apiCalls, bytesSent, elapsedMs, exitCode, ...error })}\n`,
    )
  }
  return account.error ?? exitCode
}

/** A sync that was stopped goes on with the next one, whichever process begins it. */
function sayHowToGoOn<Failure>(error: Failure, what: string, call: SyncCommandCall): Failure | ExpectedError {
  if (!(error instanceof ExpectedError) || error.exit !== 'unfinished' || error.hint !== undefined) return error
  const hint = `sfbulk ${quoteWords(['sync', what, call.arguments[0] ?? ''])} goes on`
  return new ExpectedError(error.exit, error.message, { code: error.code, hint, cause: error })
}

interface FinishedSync {
  readonly account: SyncAccount & { readonly exitCode: ExitCode }
  readonly org: string
  readonly apiCalls: number
  readonly bytesSent: number
}

function exitCodeOf({ error, status }: SyncAccount): ExitCode {
  return error?.exitCode ?? exitCodes[hasLeftOver(status) ? 'rejected' : 'done'].code
}

function describeObjects({ status, pushed, pulled }: SyncAccount) {
  return status.objects.map((object) => ({
    ...object,
    pushed: pushed.get(object.object) ?? null,
    pulled: pulled.get(object.object) ?? null,
  }))
}

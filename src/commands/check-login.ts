import { readSettings } from '../connections/read-settings.ts'
import { checkSignIn, type SignInReport } from '../connections/sign-in-check.ts'
import { exitCodes } from '../exit-codes.ts'
import { renderSignIn } from '../ui/sign-in.ts'
import type { CommandResult } from './command.ts'
import { describeError } from './describe-error.ts'
import type { LoginCall } from './run-login.ts'
import { logTo, withLocalOrg } from './with-org.ts'

/** The sign-in doctor: looks at a connection and says what is wrong, what will be, and what to do. */
export async function checkLogin({ options, io }: LoginCall): Promise<CommandResult> {
  const log = logTo(io, options.verbose)
  const target = await readSettings(options, { environment: io.environment, folder: io.folder, log })
  const report =
    target.kind === 'remote'
      ? await checkSignIn(target, log)
      : await withLocalOrg(target, io, (settings) =>
          checkSignIn({ ...settings, title: 'the built-in org', values: new Map() }, log),
        )
  if (options.json) io.stdout.write(`${renderJson(report)}\n`)
  else for (const line of renderSignIn(report.findings)) io.stdout.write(`${line}\n`)
  return report.error ?? exitCodes.done.code
}

function renderJson({ findings, error }: SignInReport): string {
  const checks = findings.map(({ what, state, text, next }) => ({ what, state, text, next: next ?? null }))
  return JSON.stringify({
    ok: error === undefined,
    checks,
    ...(error && { error: describeError(error) }),
    exitCode: error?.exitCode ?? exitCodes.done.code,
  })
}

import { ApiError, AuthError } from '../errors.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import type { Org } from '../org/org.ts'
import { type Limits, renderLimits } from '../ui/limits.ts'
import type { CommandCall } from './command.ts'
import type { limitsOptions } from './limits.ts'
import type { OptionValues } from './option.ts'
import { logTo, withOrg } from './with-org.ts'

/** Prints what the org has left. */
export async function run({ options, io }: CommandCall<OptionValues<typeof limitsOptions>>): Promise<ExitCode> {
  const limits = await withOrg({ options, io, log: logTo(io, options.verbose) }, fetchLimits)
  const lines = options.json ? [JSON.stringify(limits, null, 2)] : renderLimits(limits)
  for (const line of lines) io.stdout.write(`${line}\n`)
  return exitCodes.done.code
}

/** The org's allowances. Source: REST guide, "Limits". A user without the permission gets 403: unknown, not nothing left. */
async function fetchLimits(org: Org): Promise<Limits> {
  try {
    const response = await org.send({ method: 'GET', path: 'limits' })
    return await response.json<Limits>()
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 403 || error.errorCode === 'REQUEST_LIMIT_EXCEEDED')
      throw error
    const calls = org.usage.orgCalls
    const known = calls === undefined ? '' : `\nof API calls it is known: ${calls.used} of ${calls.max} are used today`
    throw new AuthError('what the org has left is unknown: this user may not read its limits', {
      code: error.errorCode,
      hint: `give the user the permission "View Setup and Configuration"${known}`,
      cause: error,
    })
  }
}

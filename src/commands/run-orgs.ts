import { savedConnections } from '../connections/read-settings.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { renderConnections } from '../ui/connections.ts'
import type { CommandCall } from './command.ts'
import type { OptionValues } from './option.ts'
import type { orgsOptions } from './orgs.ts'

/** Lists the saved connections, without their secrets. */
export async function run({ options, io }: CommandCall<OptionValues<typeof orgsOptions>>): Promise<ExitCode> {
  const { connections } = await savedConnections(io.environment).read()
  const orgs = Object.entries(connections)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([alias, { username, organizationId, instanceUrl, title, protected: isProtected }]) => {
      return { alias, username, organizationId, instanceUrl, login: title, protected: isProtected }
    })
  if (options.json) {
    io.stdout.write(`${JSON.stringify({ orgs })}\n`)
    return exitCodes.done.code
  }
  if (orgs.length === 0) io.stderr.write('no connection is saved yet: sfbulk login saves one\n')
  else for (const line of renderConnections(orgs)) io.stdout.write(`${line}\n`)
  return exitCodes.done.code
}

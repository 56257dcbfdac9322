import { resolve } from 'node:path'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { startOrg } from '../local-org/server.ts'
import type { CommandCall } from './command.ts'
import { explainOpening, localOrgFile, requireFolder } from './local-org-file.ts'
import type { OptionValues } from './option.ts'
import type { orgStartOptions } from './org-start.ts'

/** Serves the local org in this process until a signal comes. */
export async function run({
  options,
  io,
  signal,
}: CommandCall<OptionValues<typeof orgStartOptions>>): Promise<ExitCode> {
  const { data, port = 0, objects } = options
  const file = localOrgFile(data, io)
  const objectsFolder = objects === undefined ? undefined : resolve(io.folder, objects)
  if (objectsFolder !== undefined) requireFolder('--objects', objectsFolder)
  const org = await startOrg({ data: file, port, objectsFolder }).catch((error: unknown) => {
    throw explainOpening(file, error)
  })
  const { url, username, password, securityToken, accessToken, clientId, clientSecret } = org
  const connection = { url, username, password, securityToken, accessToken, clientId, clientSecret }
  if (options.json) io.stdout.write(`${JSON.stringify(connection)}\n`)
  else for (const line of renderConnection(connection, file)) io.stdout.write(`${line}\n`)
  await aborted(signal)
  await org.close()
  return exitCodes.done.code
}

function renderConnection(connection: Readonly<Record<string, string>>, file: string): readonly string[] {
  const lines = Object.entries({ ...connection, records: file }).map(([name, value]) => `${name.padEnd(14)} ${value}`)
  return [...lines, '', 'Serving until Ctrl-C.']
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise((done) => signal.addEventListener('abort', done, { once: true }))
}

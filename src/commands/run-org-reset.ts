import { rm } from 'node:fs/promises'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { openEngine } from '../local-org/sqlite-engine.ts'
import type { CommandCall } from './command.ts'
import { explainOpening, localCacheFolder, localOrgFile } from './local-org-file.ts'
import type { OptionValues } from './option.ts'
import type { localOrgOptions } from './options.ts'

/** Deletes every record and job of the local org, and what is kept of its descriptions. */
export async function run({ options, io }: CommandCall<OptionValues<typeof localOrgOptions>>): Promise<ExitCode> {
  const file = localOrgFile(options.data, io)
  try {
    const engine = openEngine(file)
    engine.reset()
    engine.close()
    await rm(localCacheFolder(file, io), { recursive: true, force: true })
  } catch (error) {
    throw explainOpening(file, error)
  }
  io.stderr.write(`the local org in ${file} is empty\n`)
  return exitCodes.done.code
}

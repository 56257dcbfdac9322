import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { cliCommand, cliEnvironment, missingCli } from '../test/clients/salesforce-cli.ts'
import { type RunOptions, run } from './measure.ts'
import type { Setting } from './setting.ts'

export interface SalesforceCli {
  /** What to type in place of `sf`. */
  readonly command: readonly string[]
  readonly options: RunOptions
}

/** The Salesforce CLI, logged in to the sink; undefined, with a line that says why, where it is not installed. */
export async function openSalesforceCli({ sink, folder }: Setting): Promise<SalesforceCli | undefined> {
  if (missingCli !== undefined) {
    process.stdout.write(`not measured: ${missingCli}\n`)
    return undefined
  }
  const home = join(folder, 'sf-home')
  await mkdir(home, { recursive: true })
  const environment = Object.entries({ ...cliEnvironment(home), SF_ACCESS_TOKEN: '00Dbm000000000AAAA!bench' })
  const options = { folder, environment: Object.fromEntries(environment.filter(isSet)) }
  const words = ['org', 'login', 'access-token', '--instance-url', sink.url, '--no-prompt', '--set-default']
  await run([...cliCommand, ...words], options)
  return { command: cliCommand, options }
}

function isSet(entry: readonly [string, string | undefined]): entry is [string, string] {
  return entry[1] !== undefined
}

import type { RunOptions } from './measure.ts'
import type { Sink } from './sink-process.ts'

/** What every measurement is given. */
export interface Setting {
  readonly sink: Sink
  /** Scratch folder of the measurements; it is deleted at the end. */
  readonly folder: string
  /** Folder in it for what the programs write; see `interleave`. */
  readonly written: string
  /** Folder of the bundled programs that are compared with. */
  readonly programs: string
  /** Command line of the program that is measured. */
  readonly sfbulk: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** What the sink shows where it speaks TLS. */
  readonly certificateFile: string
  /** A tenth of the data, for a fast look. */
  readonly quick: boolean
  readonly rounds: number
}

export function runOptions(setting: Setting, codes?: readonly number[]): RunOptions {
  return { folder: setting.folder, environment: setting.environment, ...(codes === undefined ? {} : { codes }) }
}

/** The same with a sink that is spoken to by TLS, as Salesforce is. */
export function encrypt(setting: Setting): Setting {
  const { sink, certificateFile, environment } = setting
  const { encryptedUrl: url = '' } = sink
  const trust = { SFBULK_CA_FILE: certificateFile, CURL_CA_BUNDLE: certificateFile }
  return { ...setting, sink: { ...sink, url }, environment: { ...environment, SF_INSTANCE_URL: url, ...trust } }
}

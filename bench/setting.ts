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
  /** A tenth of the data, for a fast look. */
  readonly quick: boolean
  readonly rounds: number
}

export function runOptions(setting: Setting, codes?: readonly number[]): RunOptions {
  return { folder: setting.folder, environment: setting.environment, ...(codes === undefined ? {} : { codes }) }
}

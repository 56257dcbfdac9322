import type { RecordBlock } from '../csv/records.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import { resultKeys } from './row-keys.ts'

/**
 * Gives the record of a block a name that it shares with its echo, and with no record that holds something else but for the white
 * space around its values, which an echo may lack.
 */
export type NameRow = (block: RecordBlock, record: number) => string

/** For a CSV of what is sent, or of what the service repeats of it; undefined where columns are missing. */
export async function openRowNames(mapping: CompiledMapping, header: readonly string[]): Promise<NameRow | undefined> {
  const keys = await resultKeys(mapping, header, undefined, true)
  if ('missing' in keys) return undefined
  return (block, record) => {
    const { low, high } = keys.content(block, record)
    return `${high} ${low}`
  }
}

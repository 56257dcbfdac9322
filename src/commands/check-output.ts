import { resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { sameFile } from '../load/same-file.ts'
import type { QueryCall } from './run-query.ts'

/** Refuses to write the rows over a file that the query needs. */
export async function checkOutput({ options, io }: Pick<QueryCall, 'options' | 'io'>): Promise<void> {
  const { output, file, mapping, state, splitRows } = options
  if (output === undefined || splitRows !== undefined) return
  const read = { 'the file of the query': file, 'the mapping file': mapping, 'the file of --state': state }
  for (const [name, path] of Object.entries(read)) {
    if (path === undefined || path === '-') continue
    if (!(await sameFile(resolve(io.folder, output), resolve(io.folder, path)))) continue
    throw new UsageError(`${output} is ${name}: the rows would overwrite it`, {
      code: 'OUTPUT_IS_INPUT',
      hint: 'name another file with --output',
    })
  }
}

import { UsageError } from '../errors.ts'
import type { Io } from './command.ts'
import { nameSource } from './name-source.ts'
import type { WriteCall } from './run-write.ts'

/** Where rows come from and results go. */
interface StreamsOfCall extends Pick<WriteCall, 'arguments' | 'io'> {
  readonly options: Pick<WriteCall['options'], 'where' | 'undoes' | 'errors' | 'success' | 'json'>
}

/** Refuses to wait for rows that somebody would have to type, and to mix two outputs into one. */
export function checkStreams({ arguments: words, options, io }: StreamsOfCall): void {
  const readsStdin = nameSource({ arguments: words, options }) === 'stdin'
  if (readsStdin) refuseTerminal(io)
  const names = [options.errors === '-' ? '--errors' : '', options.success === '-' ? '--success' : ''].filter(Boolean)
  if (options.json && names.length > 0) {
    throw new UsageError(`--json and ${names.join(' and ')} both write to stdout`, {
      code: 'SAME_OUTPUT',
      hint: `name a file with ${names.join(' and ')}`,
    })
  }
}

/** Throws `UsageError` where standard input is a terminal: nobody types a CSV. */
export function refuseTerminal({ stdin }: Pick<Io, 'stdin'>): void {
  if (stdin.isTTY !== true) return
  throw new UsageError('no file is named, and standard input is a terminal', {
    code: 'NO_INPUT',
    hint: 'name a CSV file, or send one through a pipe',
  })
}

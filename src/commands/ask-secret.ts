import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Io } from './command.ts'

/** Asks on the terminal for something that must not be seen while it is typed. */
export async function askSecret(what: string, { stdin, stderr }: Io, signal: AbortSignal): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() })
  const asking = createInterface({ input: stdin, output: hidden, terminal: true })
  // Asked when the terminal shows nothing any more, and not before: a quick answer would be seen.
  stderr.write(`${what}: `)
  // In its own mode the terminal hands Ctrl-C over as a letter.
  asking.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await asking.question('', { signal })
  } finally {
    asking.close()
    stderr.write('\n')
  }
}

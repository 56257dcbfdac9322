import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Io } from './command.ts'

/** Asks on the terminal for something that must not be seen while it is typed. */
export async function askSecret(what: string, { stdin, stderr }: Io, signal: AbortSignal): Promise<string> {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() })
  stderr.write(`${what}: `)
  const asking = createInterface({ input: stdin, output: hidden, terminal: true })
  // In its own mode the terminal hands Ctrl-C over as a letter.
  asking.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  try {
    return await asking.question('', { signal })
  } finally {
    asking.close()
    stderr.write('\n')
  }
}

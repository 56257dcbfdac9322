import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import type { Io } from './command.ts'

/** Questions on the terminal, one after the other. */
export interface Questions {
  /** The answer; undefined when the input ends in its place (Ctrl-D). Throws the signal's reason: Ctrl-C is that signal. */
  ask(question: string): Promise<string | undefined>
  close(): void
}

/** Begins to ask; `hidden`: nobody sees what is typed. To be closed, since an open terminal keeps the program alive. */
export function openQuestions(
  { stdin, stderr }: Pick<Io, 'stdin' | 'stderr'>,
  signal: AbortSignal,
  { hidden = false }: { readonly hidden?: boolean } = {},
): Questions {
  const nowhere = () => new Writable({ write: (_chunk, _encoding, done) => done() })
  const asking = createInterface(
    hidden ? { input: stdin, output: nowhere(), terminal: true } : { input: stdin, output: stderr },
  )
  // In its own mode the terminal hands Ctrl-C over as a letter.
  asking.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const ended = new Promise<undefined>((resolve) => asking.once('close', () => resolve(undefined)))
  return {
    async ask(question) {
      const answer = asking.question(question, { signal }).catch((error: unknown) => {
        if (signal.aborted) throw signal.reason
        // Some versions of Node take the end of the input for an error, others never answer then.
        if (error instanceof Error && error.name === 'AbortError') return undefined
        throw error
      })
      return await Promise.race([answer, ended])
    },
    close: () => asking.close(),
  }
}

import { createInterface } from 'node:readline'
import { type PassThrough, Readable, Writable } from 'node:stream'
import type { Io } from '../commands/command.ts'
import { ExpectedError } from '../errors.ts'
import { runProgram } from '../program.ts'
import type { CallTools, CommandOptions, ProgressEvent } from './library.ts'

interface Streams extends CallTools {
  /** Default: empty. */
  readonly stdin?: Readable | undefined
}

/** Runs a command and returns the object that it prints. Throws what the command throws. */
export async function runForJson(
  words: readonly string[],
  options: CommandOptions = {},
  { stdin, signal, ...tools }: Streams,
): Promise<unknown> {
  let printed = ''
  const stdout = new Writable({
    write: (chunk, _encoding, done) => {
      printed += String(chunk)
      done()
    },
  })
  const line = [...words, ...toWords(options), '--json', '--progress', 'json']
  const result = await runProgram(line, openIo(tools, stdin, stdout), signal ?? new AbortController().signal)
  // An error without an account is thrown; one with it stands in what was printed.
  if (result instanceof ExpectedError && printed === '') throw result
  return JSON.parse(printed)
}

/** Runs a command and gives the lines that it prints as they come. Throws what the command throws. */
export async function* runLines(
  words: readonly string[],
  options: CommandOptions,
  { stdin, signal, stdout, ...tools }: Streams & { readonly stdout: PassThrough },
): AsyncGenerator<string> {
  const line = [...words, ...toWords(options), '--progress', 'json']
  const running = runProgram(line, openIo(tools, stdin, stdout), signal ?? new AbortController().signal)
  // The failure is thrown below, when the lines before it have been given.
  running.catch(() => undefined).finally(() => stdout.end())
  try {
    yield* createInterface({ input: stdout, crlfDelay: Number.POSITIVE_INFINITY })
    const result = await running
    if (result instanceof ExpectedError) throw result
  } finally {
    stdout.destroy()
  }
}

/** `{ externalId: 'Key__c', map: ['a=b'] }` as words of a command line. A false switch is left out, one like `cache` becomes `--no-cache`. */
function toWords(options: CommandOptions): readonly string[] {
  return Object.entries(options).flatMap(([name, value]) => {
    const flag = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    if (value === undefined) return []
    if (value === true) return [`--${flag}`]
    if (value === false) return [`--no-${flag}`]
    return (Array.isArray(value) ? value : [value]).map((each) => `--${flag}=${each}`)
  })
}

function openIo(tools: CallTools, stdin: Readable | undefined, stdout: Writable): Io {
  const { environment = process.env, folder = process.cwd(), onEvent } = tools
  return { stdin: stdin ?? Readable.from([]), stdout, stderr: eventSink(onEvent), environment, folder }
}

/** Takes the lines of `--progress json`. */
function eventSink(onEvent: CallTools['onEvent']): Writable {
  let rest = ''
  return new Writable({
    write: (chunk, _encoding, done) => {
      const lines = (rest + String(chunk)).split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) if (line.startsWith('{')) onEvent?.(JSON.parse(line) as ProgressEvent)
      done()
    },
  })
}

import { PassThrough } from 'node:stream'
import type { Io } from './command.ts'

/** The `--json` object of one step of an undo. */
export interface StepAccount {
  readonly run?: string
  readonly operation: string
  readonly rows: Readonly<Record<string, number>>
  readonly files?: { readonly success: string | null; readonly errors: string | null }
  readonly jobs?: readonly string[]
  readonly apiCalls?: number
  readonly bytesSent?: number
  readonly elapsedMs?: number
  readonly exitCode: number
}

/** The streams of a step, whose `--json` object is kept for the one that the undo prints. */
export function takeAccount(io: Io, json: boolean): { readonly io: Io; taken(): readonly StepAccount[] } {
  if (!json) return { io, taken: () => [] }
  const stdout = new PassThrough()
  const pieces: Buffer[] = []
  stdout.on('data', (piece: Buffer) => pieces.push(piece))
  const lines = () => Buffer.concat(pieces).toString('utf8').split('\n')
  return {
    io: withStdout(io, stdout),
    taken: () => lines().flatMap((line) => (line === '' ? [] : [JSON.parse(line) as StepAccount])),
  }
}

/** A getter stays one: touching standard input opens it. */
function withStdout(io: Io, stdout: Io['stdout']): Io {
  return {
    get stdin() {
      return io.stdin
    },
    stdout,
    stderr: io.stderr,
    environment: io.environment,
    folder: io.folder,
  }
}

/** One object for all steps of an undo: that of a write, its numbers added up, and the steps one by one. */
export function addUpSteps(undoes: string, steps: readonly StepAccount[]): object {
  const [first] = steps
  const last = steps.at(-1)
  return {
    ...last,
    operation: 'undo',
    undoes,
    ...(first?.jobs === undefined ? {} : { jobs: steps.flatMap(({ jobs = [] }) => jobs) }),
    rows: steps.map(({ rows }) => rows).reduce(addRows, {}),
    ...(first?.apiCalls === undefined ? {} : sums(steps)),
    steps: steps.map(({ run, operation, rows, files, exitCode }) => ({ run, operation, rows, files, exitCode })),
    exitCode: Math.max(0, ...steps.map(({ exitCode }) => exitCode)),
  }
}

function sums(steps: readonly StepAccount[]): Pick<StepAccount, 'apiCalls' | 'bytesSent' | 'elapsedMs'> {
  const sum = (count: (step: StepAccount) => number | undefined) =>
    steps.reduce((total, step) => total + (count(step) ?? 0), 0)
  return {
    apiCalls: sum(({ apiCalls }) => apiCalls),
    bytesSent: sum(({ bytesSent }) => bytesSent),
    elapsedMs: sum(({ elapsedMs }) => elapsedMs),
  }
}

function addRows(a: StepAccount['rows'], b: StepAccount['rows']): StepAccount['rows'] {
  return Object.fromEntries(Object.entries(b).map(([name, count]) => [name, count + (a[name] ?? 0)]))
}

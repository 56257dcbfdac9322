import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, join, resolve } from 'node:path'
import headless from '@xterm/headless'
import { onTestFinished } from 'vitest'
import { build } from './run.ts'

/** Why no terminal can be had; undefined where it can: `script` of util-linux makes one. */
export const missingTerminal =
  process.platform === 'linux' && spawnSync('script', ['--version']).status === 0
    ? undefined
    : 'script of util-linux is not on this machine, so that there is no terminal'

export interface TerminalOptions {
  readonly columns: number
  readonly cwd: string
  readonly env?: Readonly<Record<string, string>>
  /** What is typed, each when the text before it has been shown. */
  readonly typed?: readonly (readonly [shown: string, keys: string])[]
}

/** What a person saw. */
export interface Shown {
  /** The lines that are left at the end, those that scrolled away included. */
  readonly lines: readonly string[]
  /** Those of them that the terminal had to break. */
  readonly broken: readonly string[]
  /** Each line that stood on the screen at any time, in the order in which it appeared. */
  readonly everShown: readonly string[]
  /** All that was written, with its control sequences. */
  readonly raw: string
}

/** Runs a line of a shell on a terminal of so many columns; `sfbulk` in it is the built program. */
export async function showInTerminal(
  line: string,
  { columns, cwd, env = {}, typed = [] }: TerminalOptions,
): Promise<Shown> {
  const bin = installProgram(cwd)
  const child = spawn('script', ['-qec', `stty cols ${columns} rows 40; ${line}`, '/dev/null'], {
    cwd,
    env: {
      PATH: `${bin}${delimiter}${process.env.PATH}`,
      TMPDIR: process.env.TMPDIR,
      SFBULK_HOME: `${cwd}.home`,
      SFBULK_KEYCHAIN: 'none',
      TERM: 'xterm-256color',
      LANG: 'C.UTF-8',
      SHELL: '/bin/sh',
      ...env,
    },
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const terminal = new headless.Terminal({ cols: columns, rows: 40, scrollback: 10_000, allowProposedApi: true })
  const everShown = new Set<string>()
  const pieces: Buffer[] = []
  const answers = [...typed]
  let unanswered = ''
  const typeNext = (piece: Buffer) => {
    unanswered += piece
    for (let [next] = answers; next !== undefined && unanswered.includes(next[0]); [next] = answers) {
      unanswered = unanswered.slice(unanswered.indexOf(next[0]) + next[0].length)
      child.stdin.write(next[1])
      answers.shift()
    }
  }
  for await (const piece of child.stdout) {
    pieces.push(piece)
    typeNext(piece)
    // Spinners draw a line anew: each of its states counts.
    for (const part of splitDrawings(piece)) {
      await new Promise<void>((written) => terminal.write(part, written))
      for (const { text } of readLines(terminal)) everShown.add(text)
    }
  }
  const lines = readLines(terminal)
  return {
    lines: lines.map(({ text }) => text),
    broken: lines.filter(({ isBroken }) => isBroken).map(({ text }) => text),
    everShown: [...everShown],
    raw: Buffer.concat(pieces).toString(),
  }
}

function installProgram(cwd: string): string {
  build()
  // Is removed with the folder.
  const bin = `${cwd}.home/bin`
  mkdirSync(bin, { recursive: true })
  writeFileSync(join(bin, 'sfbulk'), `#!/bin/sh\nexec "${process.execPath}" "${resolve('bin/sfbulk.js')}" "$@"\n`)
  chmodSync(join(bin, 'sfbulk'), 0o755)
  return bin
}

/** Takes the cursor to the beginning of the line, which is then drawn anew. */
export const drawingAnew = '\u001b[1G'

function* splitDrawings(piece: Buffer): Generator<Buffer> {
  const [first = '', ...drawings] = piece.toString('latin1').split(drawingAnew)
  yield Buffer.from(first, 'latin1')
  for (const drawing of drawings) yield Buffer.from(drawingAnew + drawing, 'latin1')
}

interface ScreenLine {
  readonly text: string
  /** It is longer than the terminal is wide. */
  readonly isBroken: boolean
}

function readLines({ buffer }: headless.Terminal): readonly ScreenLine[] {
  const lines: ScreenLine[] = []
  for (let index = 0; index < buffer.active.length; index += 1) {
    const line = buffer.active.getLine(index)
    if (line === undefined) continue
    const text = line.translateToString(true)
    const before = lines.at(-1)
    if (line.isWrapped && before !== undefined) lines[lines.length - 1] = { text: before.text + text, isBroken: true }
    else lines.push({ text, isBroken: false })
  }
  while (lines.at(-1)?.text === '') lines.pop()
  return lines
}

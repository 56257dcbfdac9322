import { PassThrough, type Readable, Writable } from 'node:stream'
import { expect, it } from 'vitest'
import { runCommandLine } from '../../src/command-line.ts'

it.each([
  'insert Account',
  'insert Account -',
  'check insert Account',
  'map Account -',
  'attach',
])('nobody has to type a CSV: %s on a terminal is a usage error', async (line) => {
  const pieces: string[] = []
  const stderr = new Writable({
    write: (piece, _encoding, done) => {
      pieces.push(String(piece))
      done()
    },
  })
  // Never ends, as a terminal at which nobody types.
  const stdin = Object.assign(new PassThrough() as Readable, { isTTY: true })
  const stdout = Object.assign(new PassThrough(), { isTTY: false })
  const io = { stdin, stdout, stderr, environment: {}, folder: process.cwd() }
  expect(await runCommandLine(line.split(' '), io)).toBe(2)
  expect(pieces.join('')).toContain('no file is named, and standard input is a terminal')
})

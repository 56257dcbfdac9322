import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { privateFolder } from './run.ts'

/** What the stand-in for `sf` says to a command, by its words without options. `{}` in a text becomes a new access token. */
export type CliAnswers = Readonly<Record<string, { readonly stdout: unknown; readonly code?: number }>>

interface TokenSource {
  readonly url: string
  readonly clientId: string
  readonly clientSecret: string
}

/** Puts a program named `sf` first on a PATH. `calls` gives the command lines that it was asked. */
export function installFakeCli(answers: CliAnswers, org: TokenSource) {
  const bin = join(privateFolder(), 'bin')
  mkdirSync(bin)
  const program = join(bin, 'sf')
  writeFileSync(join(bin, 'answers.json'), JSON.stringify({ answers, org }))
  writeFileSync(program, `#!${process.execPath}\n${script}`)
  chmodSync(program, 0o755)
  const log = join(bin, 'calls')
  return {
    path: [bin, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    calls: () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []),
  }
}

const script = `
const { appendFileSync, readFileSync } = require('node:fs')
const { answers, org } = JSON.parse(readFileSync(__dirname + '/answers.json', 'utf8'))
const words = process.argv.slice(2)
appendFileSync(__dirname + '/calls', words.join(' ') + '\\n')
const { stdout, code = 0 } = answers[words.slice(0, words.findIndex((word) => word.startsWith('-'))).join(' ')] ??
  { stdout: { status: 127, name: 'CommandNotFound', message: 'is not a sf command.' }, code: 127 }
const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: org.clientId, client_secret: org.clientSecret })
const token = fetch(org.url + '/services/oauth2/token', { method: 'POST', body }).then((answer) => answer.json())
token.then(({ access_token }) => {
  const text = typeof stdout === 'string' ? stdout : JSON.stringify(stdout, null, 2)
  process.stdout.write(text.replaceAll('{}', access_token) + '\\n')
  process.exitCode = code
})
`

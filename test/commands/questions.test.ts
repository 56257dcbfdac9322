import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'
import { missingTerminal, showInTerminal } from '../support/terminal.ts'

const ctrlC = '\u0003'
const ctrlD = '\u0004'

/** What is shown at the end of a line whose question gets these keys for an answer, and its exit code. */
async function answer(line: string, shown: string, keys: string, cwd: string) {
  const { lines } = await showInTerminal(`${line}; echo "exit code $?"`, { columns: 120, cwd, typed: [[shown, keys]] })
  return { said: lines.join('\n'), ended: lines.at(-1) }
}

describe.skipIf(missingTerminal !== undefined)('a question on the terminal', () => {
  it.each([
    ['Ctrl-C', ctrlC, 5, 'interrupted by SIGINT'],
    ['Ctrl-D', ctrlD, 2, 'nothing was written: the answer was no'],
  ])('whether to write is answered by %s: nothing is written', async (_, keys, code, message) => {
    const cwd = privateFolder()
    await run('insert Lead leads.csv -o local -q', { cwd, files: { 'leads.csv': 'LastName,Company\nAdler,Acme\n' } })
    const { said, ended } = await answer('sfbulk delete Lead --where "Company != null" -o local', '[y/N]', keys, cwd)
    expect(said).toContain(`sfbulk: ${message}`)
    expect(ended).toBe(`exit code ${code}`)
    const left = await run('query "SELECT LastName FROM Lead" -o local -q', { cwd })
    expect(left.stdout).toBe('"LastName"\n"Adler"\n')
  })

  it.each([
    ['map Lead leads.csv --interactive -o local', '→ [', 'nobody has said what LastName fills'],
    ['login --username user@example.com', 'password: ', 'nobody has typed the password'],
  ])('that the end of the input leaves open ends %s as a usage error', async (line, shown, message) => {
    const cwd = privateFolder()
    writeFileSync(join(cwd, 'leads.csv'), 'LastName,Company\nAdler,Acme\n')
    const { said, ended } = await answer(`sfbulk ${line}`, shown, ctrlD, cwd)
    expect(said).toContain(`sfbulk: ${message}`)
    expect(ended).toBe('exit code 2')
  })
})

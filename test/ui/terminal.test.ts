import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../src/commands/table.ts'
import { privateFolder } from '../support/run.ts'
import { drawingAnew, missingTerminal, showInTerminal } from '../support/terminal.ts'

if (missingTerminal !== undefined) console.warn(`Skipped: ${missingTerminal}`)

const leads = [
  'LastName,Company,Email,Note',
  'Adler,Acme,,',
  'Baum,,,',
  'Conrad,,,',
  'Dorn,Acme,no address,',
  'Ernst,Acme,,',
]
const load = 'sfbulk insert Lead leads.csv -o local --api bulk'

describe.skipIf(missingTerminal !== undefined).each([80, 120])('on a terminal of %d columns', (columns) => {
  it('no line of any help is broken', async () => {
    const names = commands.filter(({ hidden }) => !hidden).map(({ name }) => name)
    const line = ['', ...names].map((name) => `sfbulk ${name} --help`).join('; ')
    const { lines, broken } = await showInTerminal(line, { columns, cwd: privateFolder() })
    expect(lines.filter((each) => each.startsWith('Usage: ')).length).toBe(names.length + 1)
    expect(broken).toEqual([])
  })

  it('a load is a line that is redrawn, and then a summary', async () => {
    const shown = await showInTerminal(load, { columns, cwd: leadsFolder() })
    expect(shown.broken).toEqual([])
    const progress = /^. leads\.csv 100 % · 5 rows read · 0 of 1 job done \(1 \w+\)/
    expect(shown.everShown).toContainEqual(expect.stringMatching(progress))
    const [required, address] = {
      80: ['[Company]:Compa…', 'no address:Emai…'],
      120: ['[Company]:Company --', 'no address:Email --'],
    }[columns] ?? ['', '']
    expect(shown.lines.map(hideFigures)).toEqual([
      'not sent, because they match no field of Lead: Note (did you mean Name?)',
      '',
      '2 of 5 rows of leads.csv inserted in Lead on local; 3 not.',
      '',
      '  read        5',
      '  accepted    2  → leads.success.csv',
      '  rejected    3  → leads.errors.csv',
      '  The account balances: 5 = 2 + 3.',
      '',
      'Reasons:',
      `  2 × LOCAL:REQUIRED_FIELD_MISSING:Required fields are missing: ${required}`,
      `  1 × LOCAL:INVALID_EMAIL_ADDRESS:Email: invalid email address: ${address}`,
      '',
      '…',
      '',
      'Next: mend the rows in leads.errors.csv and send that file:',
      '  sfbulk insert Lead leads.errors.csv -o local --api bulk',
    ])
  })

  it('runs and errors keep within it, and no word is broken', async () => {
    const line = [
      `${load} -q`,
      'sfbulk runs',
      'sfbulk runs show last',
      'sfbulk query "SELECT Nmae FROM Lead" -o nowhere',
    ]
    const { lines, broken } = await showInTerminal([...line, line[3]?.replace('nowhere', 'local')].join('; '), {
      columns,
      cwd: leadsFolder(),
    })
    expect(broken).toEqual([])
    expect(lines.join('\n').replaceAll(/\s+/g, ' ')).toContain(
      "If you are attempting to use a custom field, be sure to append the '__c' after the custom field name.",
    )
    expect(lines).toContainEqual(expect.stringMatching(/^\d{8}-\d{6}-\w{4} +insert Lead .*leads\.csv/))
  })
})

describe.skipIf(missingTerminal !== undefined)('progress on a terminal', () => {
  const coloured = '\u001b[36m'

  it('has a colour, and none where NO_COLOR is set', async () => {
    const [plain, bright] = await Promise.all([show({ NO_COLOR: '1' }), show({})])
    expect([bright.includes(drawingAnew), bright.includes(coloured)]).toEqual([true, true])
    expect([plain.includes(drawingAnew), plain.includes(coloured)]).toEqual([true, false])
  })

  it('is plain lines where CI is set, and on a terminal that cannot redraw', async () => {
    for (const shown of await Promise.all([show({ CI: 'true' }), show({ TERM: 'dumb' })])) {
      expect(shown).not.toContain('\u001b')
      expect(shown).toMatch(/^reading leads\.csv \(\d+ B\)\r$/m)
      expect(shown).toMatch(/^job \w+ JobComplete: 2 processed, 0 rejected\r$/m)
    }
  })

  async function show(env: Readonly<Record<string, string>>): Promise<string> {
    return (await showInTerminal(load, { columns: 80, cwd: leadsFolder(), env })).raw
  }
})

function leadsFolder(): string {
  const cwd = privateFolder()
  writeFileSync(join(cwd, 'leads.csv'), leads.join('\n'))
  return cwd
}

function hideFigures(line: string): string {
  return line.replace(/^.* API calls? · .*/, '…')
}

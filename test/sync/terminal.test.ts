import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openDatabase } from '../../src/sqlite/database.ts'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'
import { missingTerminal, showInTerminal } from '../support/terminal.ts'

if (missingTerminal !== undefined) console.warn(`Skipped: ${missingTerminal}`)

const question = 'or [q]uit?'

describe.skipIf(missingTerminal !== undefined)('sync resolve on a terminal', () => {
  it('shows both sides of each conflict beside each other, and takes what is answered', async () => {
    const { cwd, env, sfbulk } = await openConflicts()
    const typed = [
      [question, 'what\r'],
      [question, 'o\r'],
      [question, 'theirs\r'],
      [question, 's\r'],
    ] as const
    const { lines, broken } = await showInTerminal('sfbulk sync resolve crm.db', { columns: 80, cwd, env, typed })
    expect(broken).toEqual([])
    expect(lines.map((line) => line.replace(/00Q\w{15}/, 'ID').replace(/20\d\d-[-\d: ]{11}/g, 'TIME'))).toEqual([
      'Lead ID · Title · before: Countess',
      '  here, TIME                │ in the org, TIME',
      '  Countess of Lovelace, who wrote notes │ Lady Byron',
      '   on the Analytical Engine             │',
      'take [o]urs, [t]heirs, the [n]ewest, [s]kip or [q]uit? what',
      'take [o]urs, [t]heirs, the [n]ewest, [s]kip or [q]uit? o',
      'Lead ID · Title · before: Commodore',
      expect.stringMatching(/^ {2}here, TIME +│ in the org$/),
      '  Rear Admiral                          │ (deleted)',
      'take [o]urs, [t]heirs, the [n]ewest, [s]kip or [q]uit? theirs',
      'Lead ID · Title · before: Reader',
      '  here, TIME                │ in the org, TIME',
      '  (deleted)                             │ Fellow',
      'take [o]urs, [t]heirs, the [n]ewest, [s]kip or [q]uit? s',
      '2 decided, 1 left',
    ])
    expect((await sfbulk('sync conflicts crm.db')).stdout).toContain('Reader')
    const file = openDatabase(join(cwd, 'crm.db'))
    expect(file.prepare('SELECT Title FROM Lead ORDER BY LastName').raw().all()).toEqual([
      ['Countess of Lovelace, who wrote notes on the Analytical Engine'],
    ])
    file.close()
  })

  it('leaves what was not asked about any more, whether told to or because the input ended', async () => {
    const { cwd, env } = await openConflicts()
    const typed = [
      [question, 't\r'],
      [question, 'q\r'],
    ] as const
    const shown = await showInTerminal('sfbulk sync resolve crm.db', { columns: 80, cwd, env, typed })
    expect(shown.lines.at(-1)).toBe('1 decided, 2 left')
    const ended = { columns: 80, cwd, env, typed: [[question, '\u0004']] as const }
    expect((await showInTerminal('sfbulk sync resolve crm.db', ended)).lines.at(-1)).toMatch(/0 decided, 2 left$/)
  })

  it.each([80, 120])('no line of a conflict or a status is broken on %d columns', async (columns) => {
    const { cwd, env } = await openConflicts()
    const line = 'sfbulk sync conflicts crm.db; sfbulk sync status crm.db; sfbulk sync run crm.db; sfbulk sync --help'
    const { lines, broken } = await showInTerminal(line, { columns, cwd, env })
    expect(lines.length).toBeGreaterThan(8)
    expect(broken).toEqual([])
  })
})

/** Three leads: changed on both sides, deleted here, deleted in the org. */
async function openConflicts() {
  const org = await startTestOrg()
  const cwd = privateFolder()
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const sfbulk = (line: string) => run(line, { cwd, env })
  const leads = ['LastName,Company,Title', 'Lovelace,Engine,Countess', 'Turing,Engine,Reader', 'Hopper,Navy,Commodore']
  writeFileSync(join(cwd, 'leads.csv'), `${leads.join('\n')}\n`)
  await sfbulk('insert Lead leads.csv --success none -q')
  await sfbulk('sync init crm.db --object Lead --fields LastName,Company,Title -q')
  await sfbulk('sync pull crm.db -q')
  const ids = new Map<string, string>()
  const file = openDatabase(join(cwd, 'crm.db'))
  for (const [name, id] of file.prepare('SELECT LastName, Id FROM Lead').raw().all() as [string, string][])
    ids.set(name, id)
  file.exec(`UPDATE Lead SET Title = 'Countess of Lovelace, who wrote notes on the Analytical Engine' WHERE LastName = 'Lovelace';
    DELETE FROM Lead WHERE LastName = 'Turing'; UPDATE Lead SET Title = 'Rear Admiral' WHERE LastName = 'Hopper'`)
  file.close()
  await org.call('PATCH', `sobjects/Lead/${ids.get('Lovelace')}`, { Title: 'Lady Byron' })
  await org.call('PATCH', `sobjects/Lead/${ids.get('Turing')}`, { Title: 'Fellow' })
  await org.call('DELETE', `sobjects/Lead/${ids.get('Hopper')}`)
  await sfbulk('sync push crm.db -q')
  return { cwd, env, sfbulk }
}

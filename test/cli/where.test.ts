import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

const leads = 'LastName,Company,Phone\nAdler,Acme,1\nBaum,Acme,2\nConrad,Other,3\n'

async function withLeads(): Promise<string> {
  const cwd = privateFolder()
  const { code } = await run('insert Lead leads.csv -o local -q', { cwd, files: { 'leads.csv': leads } })
  expect(code).toBe(0)
  return cwd
}

describe('a write that selects its records by --where', () => {
  it('sets values on them and accounts for each by its Id', async () => {
    const cwd = await withLeads()
    const line = `update Lead --where "Company = 'Acme'" --set Phone=555 --set "Title=#N/A" --yes -o local --json`
    const result = await run(line, { cwd })
    expect(result.code).toBe(0)
    expect(JSON.parse(result.stdout)).toMatchObject({
      operation: 'update',
      rows: { read: 2, sent: 2, accepted: 2 },
      files: { success: 'Lead.update.success.csv', errors: null },
    })
    expect(result.files['Lead.update.success.csv']).toMatch(/^Id,sf__Id,sf__Created\n/)
    const after = await run('query "SELECT LastName, Phone FROM Lead ORDER BY LastName" -o local -q', { cwd })
    expect(after.stdout).toBe('"LastName","Phone"\n"Adler","555"\n"Baum","555"\n"Conrad","3"\n')
  })

  it('offers no errors file to be sent again, which does not hold the values', async () => {
    const cwd = await withLeads()
    const line = `update Lead --where "Company = 'Acme'" --set "Email=no address" --yes -o local`
    const { code, stderr } = await run(line, { cwd })
    expect(code).toBe(3)
    expect(stderr).not.toContain('Next:')
  })

  it('deletes them, and none where none is found', async () => {
    const cwd = await withLeads()
    expect((await run(`delete Lead --where "Company = 'Acme'" -y -o local -q`, { cwd })).code).toBe(0)
    const again = await run(`delete Lead --where "Company = 'Acme'" -y -o local --json`, { cwd })
    expect(again.code).toBe(0)
    expect(JSON.parse(again.stdout)).toMatchObject({ rows: { read: 0 }, files: { success: null, errors: null } })
    const left = await run('query "SELECT LastName FROM Lead" -o local -q', { cwd })
    expect(left.stdout).toBe('"LastName"\n"Conrad"\n')
  })

  it.each([
    [`delete Lead --where "Company = 'Acme'"`, 'there is no terminal to ask on'],
    [`delete Lead leads.csv --where "Company = 'Acme'" -y`, 'the rows come from --where and from leads.csv'],
    [`update Lead --where "Company = 'Acme'" -y`, 'changes nothing without --set'],
    ['update Lead leads.csv --set Phone=1', '--set needs --where'],
    [`update Lead --where "Company = 'Acme'" --set Phone -y`, '--set Phone has no field'],
    [`update Lead --where "Compny = 1" --set Phone= -y`, '--set Phone= has no value'],
    ['delete Lead --where "Compny = 1" -y', "No such column 'Compny'"],
  ])('is refused with nothing written: %s', async (line, message) => {
    const cwd = privateFolder()
    const result = await run(`${line} -o local`, { cwd, files: { 'leads.csv': 'Id\n00Q000000000001AAA\n' } })
    expect(result).toMatchObject({ code: 2, stdout: '' })
    expect(result.stderr).toContain(message)
    expect(Object.keys(result.files)).toEqual(['leads.csv'])
  })
})

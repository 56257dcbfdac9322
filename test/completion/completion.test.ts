import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

/** What may stand at the end of the line, as the scripts of the shells are told. */
async function complete(line: string, cwd = privateFolder()): Promise<readonly string[]> {
  const { stdout, code } = await run(`complete -- ${line}`, { cwd })
  expect(code).toBe(0)
  return stdout.split('\n').filter(Boolean)
}

async function values(line: string, cwd?: string): Promise<readonly string[]> {
  return (await complete(line, cwd)).map((each) => each.split('\t')[0] ?? '')
}

describe('completion', () => {
  it('offers the commands, with what each does', async () => {
    const lines = await complete('""')
    expect(lines).toContain('upsert\tinsert or update by external ID')
    expect(lines.map((line) => line.split('\t')[0])).not.toContain('complete')
  })

  it('offers the second word of a command of two words, and the names after help', async () => {
    expect(await values('org ""')).toEqual(['start', 'reset'])
    expect(await values('help org ""')).toEqual(['start', 'reset'])
  })

  it('offers the options that were not given yet', async () => {
    const found = await values('insert Account a.csv --api soap -o local --')
    expect(found).toContain('--errors')
    expect(found).not.toContain('--api')
    expect(found).not.toContain('--target-org')
  })

  it('offers the words of an option that takes only some, with a space and with an equals sign', async () => {
    expect(await values('insert Account --api ""')).toEqual(['auto', 'bulk', 'soap'])
    expect(await values('insert Account --api=s')).toEqual(['--api=auto', '--api=bulk', '--api=soap'])
    expect(await values('insert Account --api = s')).toEqual(['--api=auto', '--api=bulk', '--api=soap'])
  })

  it('offers files where a file may stand, and nothing where a number does', async () => {
    expect(await complete('insert Account ""')).toEqual([':files'])
    expect(await complete('insert Account --errors ""')).toEqual([':files'])
    expect(await complete('insert Account --wait ""')).toEqual([])
  })

  it('offers the objects and fields that were described before, without asking an org', async () => {
    const cwd = privateFolder()
    expect(await values('upsert ""', cwd)).not.toContain('Invoice__c')
    await run('describe Invoice__c -o local', { cwd })
    expect(await values('upsert ""', cwd)).toContain('Invoice__c')
    expect(await values('upsert invoice__c -i ""', cwd)).toContain('Name')
    expect(await values('check upsert Invoice__c -i ""', cwd)).toContain('Name')
    expect(await values('sync init a.db --object ""', cwd)).toContain('Invoice__c')
    expect(await values('sync init a.db --object Invoice__c --fields Name,A', cwd)).toContain('Name,Amount__c')
    expect(await values('update Invoice__c --set ""', cwd)).toContain('Amount__c=')
    expect(await values('insert Invoice__c --map Total=A', cwd)).toContain('Total=Amount__c')
    expect(await values('insert Invoice__c --map Total = A', cwd)).toContain('Total=Amount__c')
  })

  it('offers the runs of this machine, and the org that is always there', async () => {
    const cwd = privateFolder()
    await run('insert Lead leads.csv -o local -q', { cwd, files: { 'leads.csv': 'LastName,Company\nA,One\n' } })
    expect(await values('runs show ""', cwd)).toEqual([expect.stringMatching(/^\d{8}-\d{6}-\w{4}$/)])
    expect(await values('query -o ""', cwd)).toEqual(['local'])
  })

  it('refuses a shell that it has no script for', async () => {
    const { code, stderr } = await run('completion tcsh')
    expect(code).toBe(2)
    expect(stderr).toContain('there is one for bash, zsh, fish')
  })
})

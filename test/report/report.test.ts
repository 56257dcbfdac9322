import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

const leads = [
  'LastName,Company,NumberOfEmployees,Note',
  'Adler,Acme,1,"kept, not sent"',
  'Baum,,2,',
  'Conrad,,3,"<script>alert(1)</script>"',
  'Dorn,Acme,many,',
  'Ernst,Acme,5,',
].join('\n')

const line = 'insert Lead leads.csv -o local --report out.html -q'

describe('--report', () => {
  it('writes a page with the counts, the reasons and the first rows of each, without markup of the input', async () => {
    const { code, files } = await run(line, { files: { 'leads.csv': leads } })
    expect(code).toBe(3)
    const page = files['out.html'] ?? ''
    expect(page).toContain('<h1>2 of 5 rows of leads.csv inserted in Lead on local; 3 not.</h1>')
    expect(page).toContain('<b>2</b> LOCAL:REQUIRED_FIELD_MISSING')
    expect(page).toContain('<td>3</td><td>Baum</td>')
    expect(page).toContain('<a href="leads.errors.csv">')
    expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;')
    expect(page).not.toMatch(/<script|https?:|@import|url\(/)
  })

  it('shows the same numbers in a browser', async ({ skip }) => {
    const chromium = spawnSync('chromium', ['--version'], { encoding: 'utf8' })
    if (chromium.error !== undefined) skip('chromium is not installed')
    const { cwd } = await run(line, { files: { 'leads.csv': leads } })
    const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']
    const profile = `--user-data-dir=${privateFolder()}`
    const address = `file://${join(cwd, 'out.html')}`
    const { stdout } = spawnSync('chromium', [...flags, profile, '--dump-dom', address], { encoding: 'utf8' })
    const counts = [...stdout.matchAll(/<dt>(\w+)<\/dt><dd>([\d,]+)/g)].map(([, name, count]) => `${name} ${count}`)
    expect(counts).toEqual(['read 5', 'accepted 2', 'rejected 3'])
  })

  it('is refused before anything is sent when it cannot be written', async () => {
    const files = { 'leads.csv': leads }
    const refused = await run(line.replace('out.html', 'no/such/out.html'), { files })
    expect({ code: refused.code, names: Object.keys(refused.files) }).toEqual({ code: 2, names: ['leads.csv'] })
    expect(refused.stderr).toContain('no/such/out.html')
  })
})

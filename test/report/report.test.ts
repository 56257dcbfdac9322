import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

const hasChromium = spawnSync('chromium', ['--version']).error === undefined

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

  it('shows long cells by their beginning', async () => {
    const long = `LastName,Company,Note\nAdler,,${'long '.repeat(10_000)}\n`
    const { files } = await run(line, { files: { 'leads.csv': long } })
    expect(files['out.html']).toMatch(/<td>(?:long ){50,60}[long ]*…<\/td>/)
    expect(files['out.html']?.length).toBeLessThan(10_000)
  })

  it('shows the same numbers in a browser', async ({ skip }) => {
    if (!hasChromium) skip('chromium is not installed')
    const { cwd } = await run(line, { files: { 'leads.csv': leads } })
    expect(countsOf(openInBrowser(join(cwd, 'out.html')))).toEqual(['read 5', 'accepted 2', 'rejected 3'])
  })

  it.each([
    'leads.csv',
    './leads.csv',
    'map.yaml',
    'sent.csv',
    '-',
  ])('is refused before anything is sent when it would take the place of %s', async (name) => {
    const files = { 'leads.csv': leads, 'map.yaml': 'fields: { LastName: LastName, Company: Company }\n' }
    const typed = line.replace('out.html', `${name} --mapping map.yaml --success sent.csv`)
    const refused = await run(typed, { files })
    expect(refused).toMatchObject({ code: 2, files })
    expect(refused.stderr).toContain('name another file with --report')
  })

  it('is said not to be written of a dry run', async () => {
    const { stderr, files } = await run(`${line.replace(' -q', '')} --dry-run`, { files: { 'leads.csv': leads } })
    expect(files['out.html']).toBeUndefined()
    expect(stderr).toContain('no page is written to out.html')
  })

  it('is refused before anything is sent when it cannot be written', async () => {
    const files = { 'leads.csv': leads }
    const refused = await run(line.replace('out.html', 'no/such/out.html'), { files })
    expect({ code: refused.code, names: Object.keys(refused.files) }).toEqual({ code: 2, names: ['leads.csv'] })
    expect(refused.stderr).toContain('no/such/out.html')
  })
})

describe('--report of a query', () => {
  const query =
    'query "SELECT LastName FROM Lead WHERE Company = \'<b>\'" -o local --output leads.csv --report out.html -q'

  it('writes a page with the query, the counts and the file, which a browser shows', async ({ skip }) => {
    const cwd = privateFolder()
    const rows = 'LastName,Company\nA,<b>\nB,<b>\nC,c\n'
    await run('insert Lead in.csv -o local -q', { cwd, files: { 'in.csv': rows } })
    const { code, files } = await run(query, { cwd })
    expect(code).toBe(0)
    const page = files['out.html'] ?? ''
    expect(page).toContain('<h1>2 rows read from local</h1>')
    expect(page).toContain("<pre>SELECT LastName FROM Lead WHERE Company = '&lt;b&gt;'</pre>")
    expect(page).toContain('<li><a href="leads.csv">leads.csv</a></li>')
    expect(page).not.toMatch(/<script|https?:|@import|url\(/)
    if (!hasChromium) skip('chromium is not installed')
    expect(countsOf(openInBrowser(join(cwd, 'out.html')))).toEqual(['rows 2', 'size 19', 'API calls 1', 'time …'])
  })

  it('is refused before anything is asked when it cannot be written', async () => {
    const { code, stderr } = await run(query.replace('out.html', 'no/such/out.html'))
    expect(code).toBe(2)
    expect(stderr).toContain('no/such/out.html')
  })
})

/** What the browser has made of the page. */
function openInBrowser(page: string): string {
  const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--no-first-run']
  const profile = `--user-data-dir=${privateFolder()}`
  return spawnSync('chromium', [...flags, profile, '--dump-dom', `file://${page}`], { encoding: 'utf8' }).stdout
}

function countsOf(page: string): readonly string[] {
  const counts = [...page.matchAll(/<dt>([\w ]+)<\/dt><dd>([\d,]+)/g)]
  return counts.map(([, name, count]) => (name === 'time' ? 'time …' : `${name} ${count}`))
}

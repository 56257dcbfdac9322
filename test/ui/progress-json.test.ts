import { expect, it } from 'vitest'
import { run } from '../support/run.ts'

it('--progress json tells each event as an object on a line of stderr, and stdout stays for the data', async () => {
  const files = { 'leads.csv': 'LastName,Company\nA,One\nB,Two\nC,\n' }
  const { code, stdout, stderr } = await run(
    'insert Lead leads.csv -o local --api bulk --progress json --json --quiet',
    { files },
  )
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' })
  expect(JSON.parse(stdout)).toMatchObject({ rows: { read: 3 } })

  const told = await run('insert Lead leads.csv -o local --api bulk --progress json --json', { files })
  const events = told.stderr
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map(({ type }) => type)).toEqual(
    expect.arrayContaining(['started', 'read', 'job-started', 'job-state', 'written']),
  )
  for (const { time } of events) expect(new Date(time).toISOString()).toBe(time)
  expect(events.findLast(({ type }) => type === 'written')).toMatchObject({ accepted: 2, rejected: 1 })
})

it('counts the rows and bytes that were read so far, also while it only checks', async () => {
  const rows = Array.from({ length: 60_000 }, (_none, index) => `Person ${index},A company with a name of its own\n`)
  const content = `LastName,Company\n${rows.join('')}`
  const files = { 'leads.csv': content }
  const { code, stderr } = await run('insert Lead leads.csv -o local --dry-run --progress json --json', { files })
  expect(code).toBe(0)
  const events = stderr.trimEnd().split('\n')
  const last = events.map((line) => JSON.parse(line)).findLast(({ type }) => type === 'read')
  expect(last).toMatchObject({ rows: 60_000, bytes: content.length })
})

it('--progress none tells nothing but the summary, --progress plain a line for each change', async () => {
  const files = { 'leads.csv': 'LastName,Company\nA,One\n' }
  const none = await run('insert Lead leads.csv -o local --api bulk --progress none', { files })
  expect(none.stderr).not.toContain('reading leads.csv')
  expect(none.stderr).toContain('1 row of leads.csv inserted')
  const plain = await run('insert Lead leads.csv -o local --api bulk --progress plain', { files })
  expect(plain.stderr).toMatch(/^reading leads\.csv .*\njob 750\w+ sent: 1 row/)
})

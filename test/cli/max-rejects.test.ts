import { describe, expect, it } from 'vitest'
import { run } from '../support/run.ts'

const rows = (count: number) =>
  `Name\n${Array.from({ length: count }, (_, i) => (i % 10 === 0 ? '""' : `N${i}`)).join('\n')}\n`
const line = 'insert Account a.csv -o local --api soap --no-check --json -q --max-rejects'

describe('a load with --max-rejects', () => {
  it('goes on while there are no more of them', async () => {
    for (const limit of ['60', '10%']) {
      const { code, stdout } = await run(`${line} ${limit}`, { files: { 'a.csv': rows(600) } })
      expect(JSON.parse(stdout).rows).toMatchObject({ read: 600, sent: 600, accepted: 540, rejected: 60 })
      expect(code).toBe(3)
    }
  })

  it.each([
    ['19', 'more than 19 rows before it were rejected'],
    ['9.5%', '20 of 200 rows before it were rejected'],
  ])('of %s stops, and the rows behind say why they were not sent', async (limit, words) => {
    const { code, stdout, files } = await run(`${line} ${limit}`, { files: { 'a.csv': rows(1000) } })
    const { sent, accepted, rejected } = JSON.parse(stdout).rows
    expect({ code, read: accepted + rejected }).toEqual({ code: 3, read: 1000 })
    expect(sent).toBeLessThan(1000)
    expect(files['a.errors.csv']).toContain(`LOCAL:not sent: ${words}`)
  })

  it.each(['-1', '101%', 'many'])('refuses %s', async (limit) => {
    const { code, stderr } = await run(`${line}=${limit}`, { files: { 'a.csv': rows(1) } })
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('--max-rejects takes') })
  })
})

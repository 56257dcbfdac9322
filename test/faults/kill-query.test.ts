import { expect, it } from 'vitest'
import { runKilled, runUndisturbed, type Work } from './kill-and-resume.ts'

const contacts = Array.from({ length: 3_000 }, (_, row) => `Contact ${row},"note ${row}\nmore"\n`).join('')
const soql = 'SELECT LastName, Description FROM Contact ORDER BY LastName'
const work: Work = {
  line: `query "${soql}" --api bulk --output rows.csv`,
  files: {},
  seed: {
    line: 'insert Contact seed.csv --api bulk',
    files: { 'seed.csv': `LastName,Description\n${contacts}` },
  },
  soql,
}

it.each([
  ['as soon as its job is known', [{ entries: 3 }]],
  ['while its rows arrive', [{ requests: 3 }, { requests: 2 }]],
])('a query that is killed %s is resumed to the same file', async (_, moments) => {
  const { kills, ...remains } = await runKilled(work, moments)
  expect(kills).toBeGreaterThan(0)
  expect(remains).toEqual(await runUndisturbed(work))
})

import { describe, expect, it } from 'vitest'
import { type KillMoment, runKilled, runUndisturbed, type Work } from './kill-and-resume.ts'

const csv = `LastName,ERP_Id__c,Note\n${Array.from({ length: 400 }, (_, i) => `Contact ${i},K-${i},note ${i}\n`).join('')}`
const work: Work = {
  line: 'insert Contact c.csv --api bulk --no-check --job-bytes 4000',
  files: { 'c.csv': csv },
  soql: 'SELECT LastName, ERP_Id__c FROM Contact',
  org: { lockRows: { percent: 30, rounds: 1 } },
}

describe('a load whose locked rows are being sent again', () => {
  it.each<readonly [string, readonly KillMoment[]]>([
    ['before the first of them goes out', [{ entries: 8 }]],
    ['with their jobs under way, again and again', [{ entries: 9 }, { entries: 14 }, { entries: 17 }]],
  ])('ends the same when it is killed %s, and resumed', async (_, moments) => {
    const quiet = await runUndisturbed({ ...work, org: {} })
    const killed = await runKilled(work, moments)
    expect(killed.kills).toBeGreaterThan(0)
    expect({ ...killed, kills: 0 }).toEqual({ ...quiet, kills: 0 })
    expect(new Set(killed.writes)).toEqual(new Set([1]))
  })
})

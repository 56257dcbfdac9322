import { expect, test } from 'vitest'
import { readBuffer } from '../../src/csv/byte-readers.ts'
import { scanRecords } from '../../src/csv/scan.ts'
import { discardPlan } from '../../src/load/plan.ts'
import { recogniseRows } from '../../src/load/recognise-rows.ts'
import type { EchoedResults } from '../../src/load/transport.ts'
import { planInMemory } from './load-in-memory.ts'

const sent = 'Name,Amount__c\na,1\na,1\n b,2\n'

async function* answers(rows: string): AsyncGenerator<EchoedResults> {
  const header = ['sf__Id', 'Amount__c', 'Name']
  for await (const records of scanRecords(readBuffer(Buffer.from(rows)), { delimiter: ',', columns: header.length })) {
    yield { verdict: 'accepted', header, records }
  }
}

test.each([
  ['all', '"1","2.0"," b"\n"2","1.0","a"\n"3","1.0","a"\n'],
  ['all', '"1","2.0","b"\n"2","1.0","a"\n"3","1.0","a"\n'],
  ['some', '"1","2.0","B"\n"2","1.0","a"\n"3","1.0","a"\n'],
  ['some', '"2","1.0","a"\n"3","1.0","a"\n'],
  ['some', '"1","2.0"," b"\n"2","1.0","a"\n"3","1.0","a"\n"4","1.0","a"\n'],
  ['none', '"1","7.0","c"\n'],
] as const)('The answers of a job repeat %s of the rows that were sent', async (known, rows) => {
  const { plan } = await planInMemory(sent, { operation: 'insert' })
  expect(await recogniseRows(plan.mapping, Buffer.from(sent), answers(rows))).toBe(known)
  await discardPlan(plan)
})

import { expect, test } from 'vitest'
import { renderLimits } from '../../src/ui/limits.ts'

test('limits are a table, those of loads and queries first, with the share that is used', () => {
  const app = { Max: 0, Remaining: 0 }
  const limits = {
    ActiveScratchOrgs: { Max: 3, Remaining: 3 },
    DataStorageMB: { Max: 5, Remaining: -1 },
    DailyApiRequests: { Max: 15_000, Remaining: 14_000, 'Dataloader Bulk': app },
    DailyBulkApiRequests: { Max: 0, Remaining: 0 },
  }
  expect(renderLimits(limits).map((line) => line.trimEnd())).toEqual([
    'limit                   left      of   used',
    'DailyApiRequests      14,000  15,000    7 %',
    'DailyBulkApiRequests       0       0',
    'DataStorageMB             -1       5  120 %',
    'ActiveScratchOrgs          3       3    0 %',
  ])
})

test('what is not told of a limit is left open', () => {
  expect(renderLimits({ A: {}, B: { Max: 5 }, C: { Remaining: 0 } })).toEqual([
    'limit  left  of  used',
    'A',
    'B             5',
    'C         0',
  ])
})

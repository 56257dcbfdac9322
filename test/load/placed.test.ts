import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import type { Transport } from '../../src/load/transport.ts'
import { loadInMemory } from './load-in-memory.ts'

/** A service that answers in the order of what it was sent, a few rows at a time, as SOAP does. */
function placingService(): Transport & { readonly calls: string[][] } {
  const calls: string[][] = []
  return {
    api: 'soap',
    answers: 'placed',
    partsAtOnce: 4,
    limits: { maxBytes: 1_000_000, maxRows: 2, smallBytes: 1_000_000 },
    calls,
    async send(_, body) {
      const rows = parse(body.whole!, { columns: true }) as { Name: string }[]
      calls.push(rows.map(({ Name }) => Name))
      return { id: '', rows: calls.length - 1 }
    },
    finish: async (_, __) => ({ state: 'complete', errorMessage: undefined, accepted: 0, rejected: 0 }),
    async *results(_, __, rows) {
      const placed = Array.from({ length: rows }, (_, row) =>
        row === 0
          ? ({ row, verdict: 'accepted', id: 'a00x00000000001AAA', created: true, error: '' } as const)
          : ({ row, verdict: 'rejected', id: '', created: false, error: 'X:not "this":Name --' } as const),
      )
      yield { placed }
    },
  }
}

describe('a service that answers by position', () => {
  it('has its answers joined by position, also for rows that are the same, and names no jobs', async () => {
    const service = placingService()
    const { account, success, errors } = await loadInMemory(
      'Name,Comment\na,1\na,2\nc,3\n',
      { operation: 'insert' },
      service,
    )
    expect(service.calls).toEqual([['a', 'a'], ['c']])
    expect(success.map(({ Comment }) => Comment)).toEqual(['1', '3'])
    expect(errors).toEqual([{ Name: 'a', Comment: '2', sf__Line: '3', sf__Id: '', sf__Error: 'X:not "this":Name --' }])
    expect(account.jobs).toEqual([])
  })
})

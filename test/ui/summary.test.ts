import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operations } from '../../src/operations.ts'
import { balances, type LoadSummary, renderSummary } from '../../src/ui/summary.ts'

const noRows = { read: 0, sent: 0, accepted: 0, rejected: 0, unprocessed: 0, unknown: 0, skipped: 0 }

function summary(changes: Partial<LoadSummary>): LoadSummary {
  return {
    run: 'r1',
    operation: operations.upsert,
    object: 'Account',
    source: 'accounts.csv',
    org: 'local',
    rows: noRows,
    files: { success: null, errors: null },
    reasons: [],
    apiCalls: 5,
    bytesSent: 4_210,
    elapsedMs: 2_000,
    again: undefined,
    ...changes,
  }
}

describe('the summary of a load', () => {
  it('shows counts, balance, reasons, cost and the next step', () => {
    const lines = renderSummary(
      summary({
        rows: { ...noRows, read: 41, sent: 40, accepted: 36, rejected: 5 },
        files: { success: 'accounts.success.csv', errors: 'accounts.errors.csv' },
        reasons: [
          { text: 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --', count: 3 },
          { text: 'LOCAL:the row has 4 cells, the header 5', count: 1 },
          { text: 'STRING_TOO_LONG:Account Name: data value too large:\nName --', count: 1 },
        ],
        again: 'sfbulk upsert Account accounts.errors.csv -i ERP_Id__c',
      }),
    )
    expect(lines).toEqual([
      '',
      '36 of 41 rows of accounts.csv upserted in Account on local; 5 not.',
      '',
      '  read        41',
      '  accepted    36  → accounts.success.csv',
      '  rejected     5  → accounts.errors.csv',
      '  The account balances: 41 = 36 + 5.',
      '',
      'Reasons:',
      '  3 × REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --',
      '  1 × LOCAL:the row has 4 cells, the header 5',
      '  1 × STRING_TOO_LONG:Account Name: data value too large: Name --',
      '',
      '5 API calls · 4.2 kB sent · 2.0 s · 21 rows/s',
      '',
      'Next: mend the rows in accounts.errors.csv and send that file:',
      '  sfbulk upsert Account accounts.errors.csv -i ERP_Id__c',
    ])
  })

  it('says in one line that everything was accepted', () => {
    const lines = renderSummary(summary({ rows: { ...noRows, read: 1_200, sent: 1_200, accepted: 1_200 } }))
    expect(lines[1]).toBe('All 1,200 rows of accounts.csv upserted in Account on local.')
    expect(lines.join('\n')).not.toContain('Next')
  })

  it('says that a file without rows sent nothing', () => {
    expect(renderSummary(summary({}))[1]).toBe('accounts.csv has no rows: nothing was sent to Account on local.')
  })

  it('shouts when rows are missing from the account', () => {
    const lines = renderSummary(summary({ rows: { ...noRows, read: 10, accepted: 9 } }))
    expect(lines).toContain('  THE ACCOUNT DOES NOT BALANCE: 10 ≠ 9. Rows are missing from the files.')
  })

  it('counts rows that were not to be sent', () => {
    const rows = { ...noRows, read: 3, accepted: 1, skipped: 2 }
    expect([balances(rows), balances({ ...rows, skipped: 1 })]).toEqual([true, false])
  })

  it('asks to look up unknown rows instead of sending them again', () => {
    const lines = renderSummary(
      summary({
        rows: { ...noRows, read: 3, sent: 3, accepted: 1, rejected: 1, unknown: 1 },
        files: { success: null, errors: 'accounts.errors.csv' },
        again: 'sfbulk upsert Account accounts.errors.csv -i ERP_Id__c',
      }),
    )
    expect(lines.at(-1)).toBe(
      'Next: look up the rows marked UNKNOWN in accounts.errors.csv before they are sent again.',
    )
  })

  it('fits into 80 columns with short names, whatever the reasons say', () => {
    const count = fc.integer({ min: 0, max: 10_000_000 })
    fc.assert(
      fc.property(
        count,
        count,
        fc.array(fc.record({ text: fc.string(), count }), { maxLength: 9 }),
        (accepted, rejected, reasons) => {
          const rows = { ...noRows, read: accepted + rejected, accepted, rejected }
          expect(balances(rows)).toBe(true)
          const lines = renderSummary(summary({ rows, reasons, source: 'a.csv', object: 'Lead' }))
          expect(lines.filter((line) => line.length > 80 || line.includes('\n'))).toEqual([])
        },
      ),
    )
  })
})

import { execFileSync } from 'node:child_process'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { quoteWords } from '../../src/commands/quote-words.ts'

describe('words of a command line', () => {
  it('are left alone when they are plain', () => {
    expect(quoteWords(['upsert', 'Account', 'dir/a.errors.csv', '-i', 'ERP_Id__c'])).toBe(
      'upsert Account dir/a.errors.csv -i ERP_Id__c',
    )
  })

  it('are quoted when a shell would read them otherwise', () => {
    expect(quoteWords(['--map', 'Kunden Nr=ERP_Id__c', "it's", ''])).toBe(`--map 'Kunden Nr=ERP_Id__c' 'it'\\''s' ''`)
  })

  it('are read back by a shell as they were', () => {
    const words = fc.sample(
      fc.array(
        fc.string({
          unit: fc.constantFrom(
            ...`'"$ \`aé
*!#~`,
          ),
        }),
        { minLength: 1 },
      ),
      40,
    )
    const script = words.map((each) => `printf '%s\\0' ${quoteWords(each)}; printf '\\0'`).join('\n')
    const expected = words.map((each) => `${each.map((word) => `${word}\0`).join('')}\0`).join('')
    expect(execFileSync('/bin/sh', ['-c', script], { encoding: 'utf8' })).toBe(expected)
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { optionGroup } from '../../src/commands/option.ts'
import { UsageError } from '../../src/errors.ts'

const group = optionGroup('Test')

describe('an option', () => {
  it('that is a number takes the whole numbers of its range alone', () => {
    const option = group.integer('-n, --number <n>', '', 3, 5_000)
    const read = (text: string) => option.read?.(text, undefined)
    expect([read('3'), read('0042'), read('5000')]).toEqual([3, 42, 5000])
    for (const text of ['2', '5001', '-3', '3.5', '1e3', ' 4', '', 'four', '9'.repeat(30)]) {
      expect(() => read(text)).toThrow(`--number takes a whole number from 3 to 5,000, not ${JSON.stringify(text)}`)
    }
    fc.assert(fc.property(fc.integer({ min: 3, max: 5_000 }), (value) => read(String(value)) === value))
  })

  it('that is a number above zero takes fractions', () => {
    const option = group.positive('-w, --wait <minutes>', '')
    expect(['1', '0.5', '90'].map((text) => option.read?.(text, undefined))).toEqual([1, 0.5, 90])
    for (const text of ['0', '-1', '1,5', '', 'Infinity']) {
      expect(() => option.read?.(text, undefined)).toThrow(UsageError)
    }
  })

  it('that may be repeated keeps every value in order', () => {
    const option = group.texts('--map <column=field>', '')
    const values = ['a=b', 'c=d', 'a=b'].reduce<readonly string[] | undefined>(
      (before, text) => option.read?.(text, before),
      undefined,
    )
    expect(values).toEqual(['a=b', 'c=d', 'a=b'])
  })

  it('that is text refuses nothing but emptiness, and may be told to take even that', () => {
    expect(() => group.text('--errors <file>', '').read?.('', undefined)).toThrow('--errors takes some text, not ""')
    expect(group.anyText('--null-value <text>', '').read?.('', undefined)).toBe('')
  })

  it('that is one of a few words names them', () => {
    const option = group.choice('--api <name>', 'transport', ['auto', 'bulk'])
    expect(option.read?.('bulk', undefined)).toBe('bulk')
    expect(() => option.read?.('Bulk', undefined)).toThrow('--api takes one of auto, bulk, not "Bulk"')
  })
})

import { describe, expect, it } from 'vitest'
import type { BuildOptions, JoinTable } from '../../src/load/join-table.ts'
import { NextTable } from '../../src/load/next-table.ts'
import type { Part } from '../../src/load/part.ts'

/** Tables that say in what order they were made, and which of them are still being made. */
function watchedTables(fails: (part: Part) => boolean = () => false) {
  const made: string[] = []
  let open = 0
  const build = async (part: Part, options?: BuildOptions) => {
    made.push(`${part.number}${options?.without === true ? ' without' : ''}`)
    open++
    await Promise.resolve()
    open--
    if (fails(part)) throw new Error(`no table of part ${part.number}`)
    return { columns: [part.number, made.length] } as unknown as JoinTable
  }
  return { made, isOpen: () => open > 0, tables: new NextTable(1, build) }
}

const part = (number: number) => ({ number }) as Part

describe('the tables of the parts', () => {
  it('are begun while the job of the part whose turn it is is waited for, and of no other', async () => {
    const { made, tables } = watchedTables()
    tables.begin(part(2))
    tables.begin(part(1))
    tables.begin(part(1))
    expect(made).toEqual(['1'])
    expect((await tables.take(part(1))).columns).toEqual([1, 1])
    await tables.settle(part(1))
    tables.begin(part(2))
    expect((await tables.take(part(2))).columns).toEqual([2, 2])
  })

  it('are made when they are asked for, where they were not begun, given before, or begun with keys that will not do', async () => {
    const { made, tables } = watchedTables()
    await tables.take(part(1))
    await tables.take(part(1))
    await tables.settle(part(1))
    tables.begin(part(2))
    await tables.take(part(2), { without: true })
    expect(made).toEqual(['1', '1', '2', '2 without'])
  })

  it('are given up with their part, once nothing works on them any more', async () => {
    const { made, isOpen, tables } = watchedTables()
    tables.begin(part(1))
    expect(isOpen()).toBe(true)
    await tables.settle(part(1))
    expect(isOpen()).toBe(false)
    expect((await tables.take(part(2))).columns).toEqual([2, 2])
    expect(made).toEqual(['1', '2'])
  })

  it('say why they could not be made to whoever takes them', async () => {
    const { tables } = watchedTables(({ number }) => number === 1)
    tables.begin(part(1))
    await expect(tables.take(part(1))).rejects.toThrow('no table of part 1')
    await tables.settle(part(1))
    expect((await tables.take(part(2))).columns).toEqual([2, 2])
  })
})

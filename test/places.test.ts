import { closeSync, openSync, readFileSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { TextStore } from '../src/load/text-store.ts'
import { readAt } from '../src/read-at.ts'
import { writeAt } from '../src/write-at.ts'
import { privateFolder } from './support/run.ts'

// A disk on which there is little room takes a part of what one call wants to write, and a call may read a part only.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const most = (length: number) => (length > 1 << 16 ? length : Math.min(length, 7))
  const writeSync = (file: number, bytes: Uint8Array, from: number, length: number, place: number) =>
    fs.writeSync(file, bytes, from, most(length), place)
  const readSync = (file: number, bytes: Uint8Array, from: number, length: number, place: number) =>
    fs.readSync(file, bytes, from, most(length), place)
  return { ...fs, writeSync, readSync }
})

describe('writeAt', () => {
  it('goes on where a call has written a part only', () => {
    const path = join(privateFolder(), 'file')
    const file = openSync(path, 'w')
    writeAt(file, Buffer.from('0123456789 abcdefghij'), 3)
    writeAt(file, Buffer.from('xyz'), 0)
    closeSync(file)
    expect(readFileSync(path, 'latin1')).toBe('xyz0123456789 abcdefghij')
  })
})

describe('readAt', () => {
  it('goes on where a call has read a part only, and says when the file has lost its end', () => {
    const path = join(privateFolder(), 'file')
    const file = openSync(path, 'w+')
    writeAt(file, Buffer.from('0123456789 abcdefghij'), 0)
    const bytes = Buffer.alloc(18)
    readAt(file, bytes, 3)
    expect(bytes.toString('latin1')).toBe('3456789 abcdefghij')
    truncateSync(path, 12)
    expect(() => readAt(file, bytes, 3)).toThrow('a temporary file lost its end')
    closeSync(file)
  })
})

describe('texts that are kept', () => {
  it('come back whole from their file', () => {
    const store = new TextStore(privateFolder())
    store.add(Buffer.alloc(16 << 20))
    const number = store.add(Buffer.from('a text behind those in memory'))
    expect(store.get(number).toString()).toBe('a text behind those in memory')
    store.close()
  })
})

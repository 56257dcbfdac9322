import { closeSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { writeAt } from '../src/write-at.ts'
import { privateFolder } from './support/run.ts'

// A disk on which there is little room takes a part of what one call wants to write.
vi.mock('node:fs', async (original) => {
  const fs = await original<typeof import('node:fs')>()
  const writeSync = (file: number, bytes: Uint8Array, from: number, length: number, place: number) =>
    fs.writeSync(file, bytes, from, Math.min(length, 7), place)
  return { ...fs, writeSync }
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

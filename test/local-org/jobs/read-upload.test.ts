import { describe, expect, it } from 'vitest'
import type { Job } from '../../../src/local-org/jobs/job.ts'
import { readUpload, UnreadableUpload } from '../../../src/local-org/jobs/read-upload.ts'

const job: Pick<Job, 'columnDelimiter' | 'lineEnding'> = { columnDelimiter: 'COMMA', lineEnding: 'LF' }

async function read(text: string, pieceBytes = 7): Promise<{ rows: string[][]; fault: string | undefined }> {
  const bytes = Buffer.from(text)
  const pieces: Buffer[] = []
  for (let start = 0; start < bytes.length; start += pieceBytes) pieces.push(bytes.subarray(start, start + pieceBytes))
  const rows: string[][] = []
  try {
    for await (const group of readUpload(job, pieces)) rows.push(...group)
  } catch (error) {
    if (error instanceof UnreadableUpload) return { rows, fault: error.message }
    throw error
  }
  return { rows, fault: undefined }
}

describe('reading an upload', () => {
  it('gives the header and the rows, quotes taken off, empty lines left out', async () => {
    expect(await read('Name,Phone\nAda,"1,\n""2"""\n\né,\n')).toEqual({
      rows: [
        ['Name', 'Phone'],
        ['Ada', '1,\n"2"'],
        ['é', ''],
      ],
      fault: undefined,
    })
    expect(await read('')).toEqual({ rows: [], fault: undefined })
  })

  it.each([
    ['a row of another length', 'a,b\n1,2\n3\n5,6\n', 'A row has 1 columns, the header has 2'],
    ['a quote that is not closed', 'a,b\n1,2\n"3,4\n', 'Failed to parse CSV. Quote Not Closed'],
    ['text behind a quote', 'a,b\n1,2\n"3" ,4\n', 'Failed to parse CSV. Invalid Closing Quote'],
    ['a cell that is too long', `a,b\n1,2\n${'x'.repeat(131_073)},4\n`, 'A field is longer than 131072 characters'],
  ])('ends at %s, after the rows before it', async (_, text, message) => {
    for (const pieceBytes of [7, 1_000_000]) {
      const { rows, fault } = await read(text, pieceBytes)
      expect(rows).toEqual([
        ['a', 'b'],
        ['1', '2'],
      ])
      expect(fault).toContain(message)
    }
  })

  it('refuses a header that is too long or has too many columns', async () => {
    expect((await read(`${'x'.repeat(32_001)}\n`, 1000)).fault).toContain('header')
    expect((await read(`${'a,'.repeat(5000)}a\n`, 1000)).fault).toContain('header')
  })
})

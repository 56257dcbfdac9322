import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { readWhole } from '../../src/org/call.ts'

test('an answer that should be small and does not end is given up, whatever it holds', async () => {
  const piece = Buffer.alloc(8 << 20)
  let pieces = 0
  const body = Readable.from(
    (function* () {
      for (;;) {
        pieces++
        yield piece
      }
    })(),
    { objectMode: false },
  )
  await expect(readWhole(body)).rejects.toMatchObject({ code: 'ANSWER_TOO_LARGE', exit: 'failed' })
  expect(body.destroyed).toBe(true)
  expect(pieces).toBeLessThan(40)
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readFormParts } from '../../src/local-org/http/form-parts.ts'

async function* cut(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  let start = 0
  for (let index = 0; start < bytes.length; index++) {
    const size = sizes[index % sizes.length] ?? 1
    yield bytes.subarray(start, start + size)
    start += size
  }
}

async function read(source: AsyncIterable<Buffer>, contentType = 'multipart/form-data; boundary=xx') {
  const parts: { name: string; bytes: Buffer }[] = []
  for await (const event of readFormParts(source, contentType)) {
    const last = parts.at(-1)
    if (event.kind === 'part') parts.push({ name: event.name, bytes: Buffer.alloc(0) })
    else if (last !== undefined) last.bytes = Buffer.concat([last.bytes, event.bytes])
  }
  return parts
}

/** Bytes in which pieces of a boundary are frequent. */
const bodies = fc
  .array(fc.oneof(fc.constantFrom('\r', '\n', '-', 'x', '\r\n--x', '--xx'), fc.string({ maxLength: 5 })), {
    maxLength: 12,
  })
  .map((pieces) => Buffer.from(pieces.join('')))
  .filter((body) => !body.includes('\r\n--xx') && !`\r\n${body}`.endsWith('\r\n--x'))

describe('a form', () => {
  it('gives each part its bytes, wherever its pieces are cut', async () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(fc.array(bodies, { minLength: 1, maxLength: 3 }), sizes, async (contents, cuts) => {
        const parts = contents.map((body, index) =>
          Buffer.concat([
            Buffer.from(`--xx\r\nContent-Type: a/b\r\nContent-Disposition: form-data; name="n${index}"\r\n\r\n`),
            body,
            Buffer.from('\r\n'),
          ]),
        )
        const form = Buffer.concat([...parts, Buffer.from('--xx--\r\n')])
        expect(await read(cut(form, cuts))).toEqual(contents.map((bytes, index) => ({ name: `n${index}`, bytes })))
      }),
    )
  })

  it.each([
    ['no boundary is named', 'multipart/form-data', '--xx--'],
    ['a part has no name', undefined, '--xx\r\nContent-Type: a/b\r\n\r\nx\r\n--xx--'],
    ['the headers of a part do not end', undefined, `--xx\r\n${'x'.repeat(20_000)}`],
    ['the closing boundary is missing', undefined, '--xx\r\nContent-Disposition: form-data; name="a"\r\n\r\nx'],
  ])('is refused when %s', async (why, contentType, text) => {
    await expect(read(cut(Buffer.from(text), [1000]), contentType)).rejects.toThrow(why)
  })
})

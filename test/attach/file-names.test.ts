import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { array, assert, asyncProperty, constantFrom, oneof, property, string, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileNames, makeSafeName } from '../../src/attach/file-names.ts'

const nasty = oneof(
  string({ unit: 'binary', maxLength: 300 }),
  array(constantFrom('/', '\\', '..', '.', ' ', 'con', 'a', '.txt', ':', '\0', 'ß', 'É', 'e\u0301', '\u{1f600}')).map(
    (parts) => parts.join(''),
  ),
)

describe('a safe name', () => {
  it.each([
    ['report.pdf', 'report.pdf'],
    ['../../etc/passwd', '_.._etc_passwd'],
    ['..', 'X'],
    ['.hidden', 'hidden'],
    ['a/b\\c:d*e?.txt', 'a_b_c_d_e_.txt'],
    ['CON', '_CON'],
    ['nul.txt', '_nul.txt'],
    ['Com1.log', '_Com1.log'],
    ['console.log', 'console.log'],
    ['ends with a dot. ', 'ends with a dot'],
    ['line\nend.txt', 'line_end.txt'],
    ['', 'X'],
  ])('of %j is %j', (name, safe) => {
    expect(makeSafeName(name, 'X')).toBe(safe)
  })

  it('keeps the extension of a long one', () => {
    const safe = makeSafeName(`${'ä'.repeat(300)}.pdf`, 'X')
    expect(safe).toMatch(/^ä+\.pdf$/)
    expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(200)
  })

  it('is a name within its folder, whatever it is made of', () => {
    assert(
      property(nasty, (name) => {
        const safe = makeSafeName(name, 'X')
        expect(basename(safe)).toBe(safe)
        expect(safe).not.toMatch(/^\.|[\\/:*?"<>|\0]|[. ]$|^$/)
        expect(Buffer.byteLength(safe)).toBeLessThanOrEqual(201)
        expect(makeSafeName(safe, 'X')).toBe(safe)
      }),
    )
  })

  it('can be made into a file, and any number of them into as many files', async () => {
    await assert(
      asyncProperty(array(nasty, { maxLength: 20 }), async (wanted) => {
        const folder = await mkdtemp(join(tmpdir(), 'sfbulk-names-'))
        try {
          const names = new FileNames([])
          for (const name of wanted)
            await writeFile(join(folder, names.take(makeSafeName(name, 'X'))), '', { flag: 'wx' })
          expect(await readdir(folder)).toHaveLength(wanted.length)
        } finally {
          await rm(folder, { recursive: true })
        }
      }),
      { numRuns: 30 },
    )
  })
})

describe('names of a folder', () => {
  it('are numbered before the extension, without regard to case', () => {
    const names = new FileNames(['There.txt'])
    expect(
      ['a.txt', 'A.TXT', 'a.txt', 'a (2).txt', 'there.txt', 'none', 'none'].map((name) => names.take(name)),
    ).toEqual(['a.txt', 'A (2).TXT', 'a (3).txt', 'a (2) (2).txt', 'there (2).txt', 'none', 'none (2)'])
  })

  it('are never given twice', () => {
    assert(
      property(uniqueArray(nasty), array(nasty), (there, wanted) => {
        const names = new FileNames(there)
        const given = wanted.map((name) => names.take(makeSafeName(name, 'X')).toLowerCase())
        expect(new Set(given).size).toBe(given.length)
      }),
    )
  })
})

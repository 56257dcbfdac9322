import { execFileSync } from 'node:child_process'
import { appendFile, chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { recordCells } from '../../src/csv/cells.ts'
import type { CsvSource, RecordBlock, SourcePosition } from '../../src/csv/records.ts'
import { openCsvSource } from '../../src/csv/source.ts'
import { UsageError } from '../../src/errors.ts'

let folder: string
let opened: CsvSource[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'csv-source-'))
  opened = []
})

afterEach(async () => {
  for (const source of opened) await source.close()
  await rm(folder, { recursive: true })
})

interface OpenOptions {
  readonly delimiter?: string
  readonly encoding?: string
}

async function openFile(name: string, content: string | Buffer, options: OpenOptions = {}): Promise<CsvSource> {
  await writeFile(join(folder, name), content)
  return open(join(folder, name), Readable.from([]), options)
}

async function open(path: string | undefined, stdin: Readable, options: OpenOptions = {}): Promise<CsvSource> {
  const source = await openCsvSource({ path, stdin, spoolFolder: join(folder, 'spool'), ...options })
  opened.push(source)
  return source
}

interface Row {
  readonly cells: readonly string[]
  readonly position: SourcePosition
  readonly fault: number
}

async function collect(blocks: AsyncIterable<RecordBlock>): Promise<Row[]> {
  const rows: Row[] = []
  for await (const block of blocks) {
    for (let record = 0; record < block.count; record++) {
      const offset = block.offset + (block.recordStart[record] ?? Number.NaN)
      rows.push({
        cells: recordCells(block, record),
        position: { offset, line: block.line[record] ?? Number.NaN },
        fault: block.fault[record] ?? -1,
      })
    }
  }
  return rows
}

const end: SourcePosition = { offset: Number.MAX_SAFE_INTEGER, line: 0 }
const people = 'Name,City\r\n"Müller, Jo",Wien\r\n\r\n"two\r\nlines",Łódź\r\n'

/** Every way of giving the same text. */
const ways: readonly { readonly way: string; readonly open: (text: string) => Promise<CsvSource> }[] = [
  { way: 'a file', open: (text) => openFile('people.csv', text) },
  { way: 'a file with a byte order mark', open: (text) => openFile('people.csv', `\ufeff${text}`) },
  { way: 'a gzip file', open: (text) => openFile('people.csv.gz', gzipSync(text)) },
  {
    way: 'a gzip file of two members',
    open: (text) => openFile('p.gz', Buffer.concat([gzipSync(text.slice(0, 9)), gzipSync(text.slice(9))])),
  },
  { way: 'standard input', open: (text) => open(undefined, Readable.from(bytesOf(text))) },
  {
    way: 'standard input with a byte order mark, called -',
    open: (text) => open('-', Readable.from(bytesOf(`\ufeff${text}`))),
  },
  { way: 'a UTF-16LE file', open: (text) => openFile('people.csv', Buffer.from(`\ufeff${text}`, 'utf16le')) },
  { way: 'a UTF-16BE file', open: (text) => openFile('people.csv', Buffer.from(`\ufeff${text}`, 'utf16le').swap16()) },
  {
    way: 'a UTF-16LE file without a byte order mark',
    open: (text) => openFile('people.csv', Buffer.from(text, 'utf16le')),
  },
]

function bytesOf(text: string): Buffer[] {
  return [...Buffer.from(text)].map((byte) => Buffer.of(byte))
}

describe.each(ways)('$way', ({ open: openText }) => {
  it('gives the header, the records with their lines, and ranges of them again', async () => {
    const source = await openText(people)
    expect(source.header).toEqual(['Name', 'City'])
    expect(source.dialect).toMatchObject({ delimiter: ',', lineEnding: '\r\n' })
    const rows = await collect(source.records())
    expect(rows).toEqual([
      { cells: ['Müller, Jo', 'Wien'], position: { offset: 11, line: 2 }, fault: 0 },
      { cells: ['two\r\nlines', 'Łódź'], position: { offset: 33, line: 4 }, fault: 0 },
    ])
    const [first, second] = rows
    expect(await collect(source.reread(first!.position, second!.position))).toEqual([first])
    expect(await collect(source.reread(second!.position, end))).toEqual([second])
    expect(await collect(source.reread(first!.position, end))).toEqual(rows)
    const read = source.rereadBytes(first!.position, second!.position)
    const bytes = Buffer.alloc(100)
    expect(bytes.toString('utf8', 0, await read(bytes, 0))).toBe('"Müller, Jo",Wien\r\n\r\n')
    expect(await read(bytes, 0)).toBe(0)
  })

  it('with a header alone has no records', async () => {
    for (const text of ['Name,City', 'Name,City\n']) {
      const source = await openText(text)
      expect(source.header).toEqual(['Name', 'City'])
      expect(await collect(source.records())).toEqual([])
    }
  })
})

describe('a source of several MiB', () => {
  const line = (index: number): string =>
    `${index},"text of row ${index}, with a comma and ü",${'x'.repeat(index % 50)}`
  const count = 60_000
  const text = `Id,Text,More\n${Array.from({ length: count }, (_, index) => line(index)).join('\n')}\n`

  it.each([
    ['in place', 'big.csv', Buffer.from(text)],
    ['unpacked', 'big.csv.gz', gzipSync(text, { level: 1 })],
    ['transcoded', 'big.csv', Buffer.from(`\ufeff${text}`, 'utf16le')],
  ])('is read %s, whole and in ranges', async (_, name, content) => {
    const source = await openFile(name, content)
    expect(source.size).toBe(content.length)
    const rows = await collect(source.records())
    expect(source.bytesRead()).toBe(content.length)
    expect(rows).toHaveLength(count)
    expect(rows.every((row, index) => row.cells[0] === String(index) && row.position.line === index + 2)).toBe(true)
    const [from, to] = [rows[20_000]!, rows[45_000]!]
    const [left, right] = await Promise.all([
      collect(source.reread(from.position, to.position)),
      collect(source.reread(to.position, end)),
    ])
    expect(left).toEqual(rows.slice(20_000, 45_000))
    expect(right).toEqual(rows.slice(45_000))
  })

  it('gives what was read of it while it is read on', async () => {
    const source = await openFile('big.csv.gz', gzipSync(text, { level: 1 }))
    const records = source.records()
    const first = await collect(take(records, 1))
    const [from, to] = [first[5]!.position, first[10]!.position]
    expect(await collect(source.reread(from, to))).toEqual(first.slice(5, 10))
    expect((await collect(records)).length + first.length).toBe(count)
  })

  it('says that gzip data break off, behind the records that are there', async () => {
    const packed = gzipSync(text, { level: 1 })
    const source = await openFile('big.csv.gz', packed.subarray(0, packed.length - 20_000))
    const records = source.records()
    await expect(collect(take(records, 1))).resolves.not.toHaveLength(0)
    await expect(collect(records)).rejects.toMatchObject({
      code: 'BAD_GZIP',
      exit: 'failed',
      message: expect.stringContaining('ends in the middle'),
    })
  })
})

/** The first blocks of a generator, which stays open. */
async function* take(blocks: AsyncGenerator<RecordBlock>, count: number): AsyncGenerator<RecordBlock> {
  for (let taken = 0; taken < count; taken++) {
    const next = await blocks.next()
    if (next.done === true) return
    yield next.value
  }
}

describe('spooled input', () => {
  it('lies in a private folder that is gone once the source is closed', async () => {
    const source = await open(undefined, Readable.from([Buffer.from(people)]))
    await collect(source.records())
    const spool = join(folder, 'spool')
    const [name] = await readdir(spool)
    expect((await stat(join(spool, name ?? ''))).mode & 0o777).toBe(0o700)
    await source.close()
    expect(await readdir(spool)).toEqual([])
  })
})

describe('a source that is closed before its end', () => {
  it.each([
    ['a file', 'rows.csv', (text: string) => Buffer.from(text)],
    ['a gzip file', 'rows.csv.gz', (text: string) => gzipSync(text, { level: 1 })],
    ['a UTF-16 file', 'rows.csv', (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le')],
  ])('lets go of %s', async (_, name, encode) => {
    const source = await openFile(name, encode(`a,b\n${'some,cells\n'.repeat(400_000)}`))
    await source.records().next()
    await source.close()
    await source.close()
    expect((await readdir(folder)).filter((entry) => entry !== name && entry !== 'spool')).toEqual([])
  })

  it('lets go of standard input', async () => {
    const stdin = Readable.from(forever())
    const source = await open(undefined, stdin)
    await source.records().next()
    await source.close()
    expect(stdin.destroyed).toBe(true)
  })
})

function* forever(): Generator<Buffer> {
  for (;;) yield Buffer.from('some,cells\n'.repeat(1000))
}

describe('the size of an input', () => {
  it('is known before it is read when the input is small, and its records come all the same', async () => {
    const source = await openFile('small.csv', '\ufeffa;b\n"1\n2";x\n\n3;y')
    expect(source.peek()).toEqual({ rows: 2, bytes: 16, hasControlCharacters: false })
    expect((await collect(source.records())).map(({ cells }) => cells)).toEqual([
      ['1\n2', 'x'],
      ['3', 'y'],
    ])
    expect(source.peek()).toEqual({ rows: 2, bytes: 16, hasControlCharacters: false })
  })

  it('is known of standard input that has ended, and is none for a header alone', async () => {
    expect((await open(undefined, Readable.from([Buffer.from('a\n1\n2\n')]))).peek()).toMatchObject({ rows: 2 })
    expect((await openFile('none.csv', 'a,b\n')).peek()).toMatchObject({ rows: 0 })
  })

  it('is not known of an input of more than a mebibyte', async () => {
    const source = await openFile('large.csv', `a\n${'x\n'.repeat(600_000)}`)
    expect(source.peek()).toBe('more')
  })

  it.each([
    ['\u0007', true],
    ['\uffff', true],
    ['\t', false],
    ['\ufffd', false],
  ])('tells of characters that XML cannot hold: %j', async (character, expected) => {
    const source = await openFile('characters.csv', `a,b\n1,x${character}y\n`)
    expect(source.peek()).toMatchObject({ hasControlCharacters: expected })
  })
})

describe('any bytes', () => {
  it('are records or a usage error, and a range of them reads the same again', async () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.uint8Array({ maxLength: 200 }).map((tail) => Buffer.concat([Buffer.from('a,b\n'), tail])),
      fc
        .array(fc.constantFrom('a', ',', '"', '\n', '\r', '1', '\xe4', '\xff'), { maxLength: 60 })
        .map((parts) => Buffer.from(`a,b\n${parts.join('')}`, 'latin1')),
    )
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom('any.csv', '-'),
        fc.nat(),
        fc.nat(),
        async (content, name, from, length) => {
          try {
            const source =
              name === '-'
                ? await open('-', Readable.from([Buffer.from(content)]))
                : await openFile(name, Buffer.from(content))
            const rows = await collect(source.records())
            const start = from % (rows.length + 1)
            const stop = Math.min(rows.length, start + (length % 5))
            const again = await collect(source.reread(rows[start]?.position ?? end, rows[stop]?.position ?? end))
            expect(again).toEqual(rows.slice(start, rows[stop] === undefined ? undefined : stop))
            await source.close()
          } catch (error) {
            if (!(error instanceof UsageError)) throw error
          }
        },
      ),
      { numRuns: 400 },
    )
  })
})

describe('a file read in place', () => {
  it('knows when it was changed or deleted', async () => {
    const source = await openFile('people.csv', people)
    expect(await source.changed()).toBe(false)
    await appendFile(join(folder, 'people.csv'), 'x,y\n')
    expect(await source.changed()).toBe(true)
    expect(await collect(source.records())).toHaveLength(2)
    await rm(join(folder, 'people.csv'))
    expect(await source.changed()).toBe(true)
  })

  it('leaves nothing in the spool folder', async () => {
    const source = await openFile('people.csv', people)
    await collect(source.records())
    await source.release(end)
    expect(await readdir(folder)).toEqual(['people.csv'])
  })
})

describe('a header is refused', () => {
  it.each([
    ['with a column twice', 'Id,Name,Id,Name\n', 'names more than one column Id, Name'],
    ['with an empty name', 'Id,,Name\n', 'no name for column 2 of 3'],
    ['that ends with a delimiter', 'Id,Name,\n', 'no name for column 3 of 3'],
    ['that ends with several', 'Id,Name,Phone,,\n', 'no name for columns 4, 5 of 5'],
    ['in whose place a title stands', 'Customers;;\nId;Name;Phone\n', 'no name for columns 2, 3 of 3'],
    ['with a line for Excel above it', 'sep=;\r\nId;Name\r\n', 'begins with a line "sep="'],
    ['with such a line in quotes', '"sep=,"\nId,Name\n', 'begins with a line "sep="'],
    ['with an open quote', 'Id,"Name\n1,2\n', 'has a quote that is not closed'],
    ['with bytes that are no text', Buffer.from('Id,\xfe\n', 'latin1'), 'holds bytes that are no utf-8'],
  ])('%s', async (_, content, message) => {
    await expect(openFile('bad.csv', content)).rejects.toMatchObject({
      code: 'BAD_HEADER',
      exit: 'usage',
      message: expect.stringContaining(message),
      hint: expect.stringMatching(/./),
    })
  })
})

describe('a named pipe', () => {
  it.runIf(process.platform !== 'win32')(
    'is read when somebody writes to it, and not waited for after Ctrl-C',
    async () => {
      const path = join(folder, 'p.csv')
      execFileSync('mkfifo', [path])
      const input = { path, stdin: Readable.from([]), spoolFolder: join(folder, 'spool') }
      const interrupted = new AbortController()
      const waiting = openCsvSource({ ...input, signal: interrupted.signal })
      interrupted.abort(new UsageError('interrupted'))
      await expect(waiting).rejects.toThrow('interrupted')

      const [source] = await Promise.all([openCsvSource(input), writeFile(path, people)])
      opened.push(source)
      expect(source.kept).toBe(false)
      expect(await collect(source.records())).not.toHaveLength(0)
    },
  )
})

describe('what is no CSV file is refused', () => {
  it.each([
    ['an empty file', 'a.csv', '', 'EMPTY_FILE'],
    ['a byte order mark alone', 'a.csv', '\ufeff', 'EMPTY_FILE'],
    ['line ends alone', 'a.csv', '\n\r\n', 'EMPTY_FILE'],
    ['an empty gzip file', 'a.csv.gz', gzipSync(''), 'EMPTY_FILE'],
    ['a file of 0 bytes called .gz', 'a.csv.gz', '', 'EMPTY_FILE'],
    ['plain text called .gz', 'a.csv.gz', 'Id,Name\n', 'BAD_GZIP'],
    ['a small gzip file that breaks off', 'a.csv.gz', gzipSync(people).subarray(0, 40), 'BAD_GZIP'],
    ['gzip data without the name', 'a.csv', gzipSync(people), 'NOT_A_CSV'],
    ['an Excel workbook', 'a.csv', 'PK\x03\x04\x14\x00', 'NOT_A_CSV'],
    ['a PDF document', 'a.csv', '%PDF-1.7\n', 'NOT_A_CSV'],
    ['bytes with NULs', 'a.csv', Buffer.from('a,b\0\0\0c\x01,\0x\n'), 'NOT_A_CSV'],
  ])('%s', async (_, name, content, code) => {
    await expect(openFile(name, content)).rejects.toMatchObject({
      code,
      exit: 'usage',
      hint: expect.stringMatching(/./),
    })
  })

  it('a missing file, a folder, and a file without permission', async () => {
    const stdin = Readable.from([])
    await expect(open(join(folder, 'none.csv'), stdin)).rejects.toMatchObject({ code: 'FILE_NOT_FOUND', exit: 'usage' })
    await mkdir(join(folder, 'sub'))
    await expect(open(join(folder, 'sub'), stdin)).rejects.toMatchObject({
      code: 'FILE_UNREADABLE',
      message: expect.stringContaining('is a folder'),
    })
    await writeFile(join(folder, 'secret.csv'), people)
    await chmod(join(folder, 'secret.csv'), 0)
    if (process.getuid?.() !== 0) {
      await expect(open(join(folder, 'secret.csv'), stdin)).rejects.toMatchObject({
        code: 'FILE_UNREADABLE',
        message: expect.stringContaining('no permission'),
      })
    }
  })

  it('standard input that fails', async () => {
    const stdin = new Readable({
      read: () => stdin.destroy(new Error('EISDIR: illegal operation on a directory, read')),
    })
    await expect(open(undefined, stdin)).rejects.toMatchObject({ code: 'FILE_UNREADABLE', exit: 'usage' })
  })

  it('an unknown delimiter or encoding', async () => {
    await expect(openFile('a.csv', people, { delimiter: ':' })).rejects.toMatchObject({ code: 'UNKNOWN_DELIMITER' })
    await expect(openFile('a.csv', people, { encoding: 'utf-9' })).rejects.toMatchObject({
      code: 'UNKNOWN_ENCODING',
      hint: expect.stringContaining('windows-1252'),
    })
  })
})

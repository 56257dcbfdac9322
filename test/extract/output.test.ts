import { mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { RunError, UsageError } from '../../src/errors.ts'
import { fileSink } from '../../src/extract/byte-sink.ts'
import { temporaryFolder } from '../bulk/temporary-folder.ts'
import type { Step } from '../org/dialogue.ts'
import { type Answer, answerQuery, header, page, paths, rowsOf, runExtract } from './query-dialogue.ts'

describe('a file', () => {
  test('gets its name when everything is in it', async () => {
    const folder = await temporaryFolder()
    const output = join(folder, 'rows.csv')
    const { running, notes } = await runExtract(answerQuery({ pages: [page('a'), page('b')] }), { output })
    expect(await running).toMatchObject({ rows: 2, files: [output] })
    expect(await readFile(output, 'utf8')).toBe(header + rowsOf(page('a'), page('b')))
    expect(await readdir(folder)).toEqual(['rows.csv'])
    expect(notes()).toEqual([])
  })

  test('keeps the name .partial when rows are missing, and an earlier file stays as it is', async () => {
    const folder = await temporaryFolder()
    const output = join(folder, 'rows.csv')
    await writeFile(output, 'of yesterday')
    const { running, notes } = await runExtract(answerQuery({ pages: [page('a', 'b')], rows: 3 }), { output })
    await expect(running).rejects.toMatchObject({
      code: 'ROWS_MISSING',
      exit: 'failed',
      message: 'query job 750Q has 3 rows, but 2 arrived',
    })
    expect(await readFile(`${output}.partial`, 'utf8')).toBe(page('a', 'b'))
    expect(await readFile(output, 'utf8')).toBe('of yesterday')
    expect(notes()).toEqual([`what had arrived is in ${output}.partial`])
  })

  test('is not left behind when the query is refused', async () => {
    const folder = await temporaryFolder()
    const refused: Step = () => ({
      status: 400,
      json: [{ errorCode: 'MALFORMED_QUERY', message: 'unexpected token: SELEKT' }],
    })
    const { running } = await runExtract([refused], { output: join(folder, 'rows.csv') })
    await expect(running).rejects.toBeInstanceOf(UsageError)
    expect(await readdir(folder)).toEqual([])
  })

  test('that cannot be written is found before anything is asked', async () => {
    const folder = await temporaryFolder()
    await mkdir(join(folder, 'rows.csv'))
    for (const output of [join(folder, 'rows.csv'), join(folder, 'missing', 'rows.csv')]) {
      const { running, heard } = await runExtract([], { output })
      await expect(running).rejects.toMatchObject({ exit: 'usage', code: 'CANNOT_OPEN' })
      expect(heard).toEqual([])
    }
  })

  test('behind a symbolic link is replaced, not the link', async () => {
    const folder = await temporaryFolder()
    await writeFile(join(folder, 'real.csv'), '')
    await symlink(join(folder, 'real.csv'), join(folder, 'link.csv'))
    const { running } = await runExtract(answerQuery({ pages: [page('a')] }), { output: join(folder, 'link.csv') })
    await running
    expect(await readFile(join(folder, 'real.csv'), 'utf8')).toBe(page('a'))
  })

  test('that is a device is written to directly', async () => {
    const { running } = await runExtract(answerQuery({ pages: [page('a')] }), { output: '/dev/null' })
    expect(await running).toMatchObject({ rows: 1, files: ['/dev/null'] })
  })

  test('that two write at a time holds the rows of the one that began last, and the other says so', async () => {
    const path = join(await temporaryFolder(), 'rows.csv')
    const [first, second] = [await fileSink(path), await fileSink(path)]
    await first.write(Buffer.from('first, and longer\n'))
    await second.write(Buffer.from('second\n'))
    await expect(first.finish()).rejects.toMatchObject({ exit: 'failed', code: 'OUTPUT_TAKEN' })
    expect(await first.abandon(true)).toBeNull()
    await second.finish()
    expect(await readFile(path, 'utf8')).toBe('second\n')
  })

  test('that is a device keeps nothing that could be named', async () => {
    const { running, notes } = await runExtract(answerQuery({ pages: [page('a')] }), { output: '/dev/full' })
    await expect(running).rejects.toMatchObject({ code: 'CANNOT_WRITE' })
    expect(notes()).toEqual([])
  })

  test('is read by no more people than the one that it replaces', async () => {
    const file = join(await temporaryFolder(), 'rows.csv')
    await writeFile(file, 'old', { mode: 0o600 })
    const { running } = await runExtract(answerQuery({ pages: [page('a')] }), { output: file })
    await running
    expect((await stat(file)).mode & 0o777).toBe(0o600)
  })

  test('in several files names all of them when rows are missing, and begins none later', async () => {
    const folder = await temporaryFolder()
    const names = Array.from({ length: 30 }, (_, index) => `name ${index}`)
    const onPage: Answer['onPage'] = (number) => (number === 1 ? { status: 404, json: [] } : undefined)
    const { running, notes } = await runExtract(answerQuery({ pages: [page(...names), page('z')], onPage }), {
      output: join(folder, 'rows.csv'),
      rowsPerFile: 7,
    })
    await expect(running).rejects.toMatchObject({ exit: 'failed' })
    const files = await readdir(folder)
    expect(files.length).toBeGreaterThan(1)
    expect(notes()).toEqual([`what had arrived is in ${files.map((name) => join(folder, name)).join(', ')}`])
  })
})

describe('a stream', () => {
  test('whose reader has gone ends the query quietly', async () => {
    let writes = 0
    const output = new Writable({
      highWaterMark: 1,
      write(_, __, done) {
        writes++
        done(writes > 2 ? Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }) : null)
      },
    })
    const pages = Array.from({ length: 20 }, (_, index) => page(`row ${index}`))
    const { running } = await runExtract(answerQuery({ pages }), { output })
    expect(await running).toMatchObject({ complete: false })
  })

  test('that fails otherwise is an error', async () => {
    const output = new Writable({
      write: (_, __, done) => done(Object.assign(new Error('no space left'), { code: 'ENOSPC' })),
    })
    const { running } = await runExtract(answerQuery({ pages: [page('a')] }), { output })
    await expect(running).rejects.toMatchObject({ exit: 'failed', code: 'CANNOT_WRITE' })
  })
})

describe('a job that cannot be written down', () => {
  test('is not waited for', async () => {
    const { running, heard } = await runExtract(
      ({ method }) => ({ json: { id: '750Q', state: method === 'POST' ? 'UploadComplete' : 'InProgress' } }),
      {},
      { onStarted: () => Promise.reject(new RunError('the disk is full', { code: 'DISK_FULL' })) },
    )
    await expect(running).rejects.toMatchObject({ exit: 'failed', code: 'DISK_FULL' })
    expect(paths(heard)[0]).toBe('POST /jobs/query')
  })

  test('has none of its pages fetched when it has ended', async () => {
    let tellEnd = () => {}
    const ended = new Promise<void>((resolve) => {
      tellEnd = resolve
    })
    const { running, heard } = await runExtract(
      answerQuery({ pages: [page('a')] }),
      {},
      {
        report: ({ type }) => type === 'job-state' && tellEnd(),
        onStarted: async () => {
          await ended
          throw new RunError('the disk is full', { code: 'DISK_FULL' })
        },
      },
    )
    await expect(running).rejects.toMatchObject({ code: 'DISK_FULL' })
    expect(paths(heard)).toEqual(['POST /jobs/query', 'GET /jobs/query/750Q'])
  })
})

describe('an interruption', () => {
  test('while pages are read keeps what had arrived', async () => {
    const folder = await temporaryFolder()
    const abort = new AbortController()
    const onPage: Answer['onPage'] = (number) => {
      if (number === 1) abort.abort()
      return number === 1 ? 'answered' : undefined
    }
    const { running } = await runExtract(
      answerQuery({ pages: [page('a'), page('b')], onPage }),
      { output: join(folder, 'rows.csv') },
      { signal: abort.signal },
    )
    await expect(running).rejects.toMatchObject({ exit: 'unfinished', code: 'INTERRUPTED' })
    expect(await readFile(join(folder, 'rows.csv.partial'), 'utf8')).toBe(page('a'))
  })

  test('by the deadline leaves the job alone', async () => {
    const { running, heard } = await runExtract(
      ({ method }) => ({ json: { id: '750Q', state: method === 'POST' ? 'UploadComplete' : 'InProgress' } }),
      {},
      { deadline: Date.UTC(2026, 0, 1) + 60_000 },
    )
    await expect(running).rejects.toMatchObject({ exit: 'unfinished', code: 'WAIT_OVER' })
    expect(new Set(heard.map(({ method }) => method))).toEqual(new Set(['POST', 'GET']))
  })
})

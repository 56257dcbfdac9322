import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { temporaryFolder } from '../bulk/temporary-folder.ts'
import type { Reply } from '../org/dialogue.ts'
import { type Answer, answerQuery, cutAfter, header, page, paths, rowsOf, runExtract } from './query-dialogue.ts'

describe('a query', () => {
  test('is run as a job, waited for and written as it comes', async () => {
    const { running, heard, output, events } = await runExtract(answerQuery({ pages: [page('Acme', 'Ajax')] }))
    expect(await running).toEqual({
      rows: 2,
      bytes: page('Acme', 'Ajax').length,
      pages: 1,
      jobs: ['750Q'],
      api: 'bulk',
      apiReason: '--api bulk',
      files: [],
      apiCalls: 3,
      complete: true,
    })
    expect(output.text()).toBe(page('Acme', 'Ajax'))
    expect(paths(heard)).toEqual(['POST /jobs/query', 'GET /jobs/query/750Q', 'GET /jobs/query/750Q/results'])
    expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({
      operation: 'query',
      query: 'SELECT Id, Name FROM Account',
      lineEnding: 'LF',
    })
    expect(events.map(({ type }) => type)).toEqual(['job-started', 'job-state', 'written'])
  })

  test('reads deleted rows, too, when asked', async () => {
    const { running, heard } = await runExtract(answerQuery({ pages: [page('Acme')] }), { all: true })
    await running
    expect(JSON.parse(heard[0]?.body ?? '')).toMatchObject({ operation: 'queryAll' })
  })

  test('without rows writes the header line alone', async () => {
    const { running, output } = await runExtract(answerQuery({ pages: [header] }))
    expect(await running).toMatchObject({ rows: 0, pages: 1, complete: true })
    expect(output.text()).toBe(header)
  })

  test('without rows has a header line also where the service sends none', async () => {
    const names = new Map([['name', 'Full name']])
    const { running, output } = await runExtract(answerQuery({ pages: [''], rows: 0 }), { names })
    expect(await running).toMatchObject({ rows: 0, pages: 1, complete: true })
    expect(output.text()).toBe('"Id","Full name"\n')
  })

  test('has its columns in the order of the SELECT also where the version gives them in that of the alphabet', async () => {
    const csv = '"CreatedDate","Id","Name"\n"2024","1","a ""b"", c"\n"2025","2",""\n'
    const plan = { soql: 'SELECT name, Id, CreatedDate FROM Account', names: new Map([['Id', 'Key']]) }
    const { running, output } = await runExtract(
      (heard, response) =>
        answerQuery({ pages: [csv] })({ ...heard, url: heard.url.replace('v49.0', 'v66.0') }, response),
      plan,
      { apiVersion: '49.0' },
    )
    expect(await running).toMatchObject({ rows: 2 })
    expect(output.text()).toBe('"Name","Key","CreatedDate"\n"a ""b"", c","1","2024"\n"","2","2025"\n')
  })

  test.each([['null'], [undefined]])('follows the locators up to the last page, which says %s', async (lastLocator) => {
    const pages = [page('a', 'b'), page('c'), page('d')]
    const { running, output, heard } = await runExtract(answerQuery({ pages, lastLocator }))
    expect(await running).toMatchObject({ rows: 4, pages: 3, apiCalls: 5 })
    expect(output.text()).toBe(header + rowsOf(...pages))
    expect(paths(heard).slice(2)).toEqual([
      'GET /jobs/query/750Q/results',
      'GET /jobs/query/750Q/results?locator=p1',
      'GET /jobs/query/750Q/results?locator=p2',
    ])
  })

  test('ends a last row that lacks its line ending before the next page begins', async () => {
    const { running, output } = await runExtract(answerQuery({ pages: [page('a').trimEnd(), page('b').trimEnd()] }))
    expect(await running).toMatchObject({ rows: 2 })
    expect(output.text()).toBe(header + rowsOf(page('a'), page('b')))
  })

  test('ends its lines in LF where a service answers in CRLF, and leaves the cells alone', async () => {
    const inCells = page('one\r\ntwo', 'a ""b""\r\n', '\rc')
    const crlf = (text: string) => text.replaceAll('"\n', '"\r\n')
    const onPage: Answer['onPage'] = (_page, text, _heard, response) => {
      response.writeHead(200, { 'content-type': 'text/csv', 'sforce-locator': 'null' })
      for (const byte of Buffer.from(text)) response.write(Buffer.of(byte))
      response.end()
      return 'answered'
    }
    const { running, output } = await runExtract(answerQuery({ pages: [crlf(inCells)], rows: 3, onPage }))
    expect(await running).toMatchObject({ rows: 3 })
    expect(output.text()).toBe(inCells)
  })

  test('whose rows do not have the cells of the header is not told apart', async () => {
    const { running } = await runExtract(
      (heard, response) =>
        heard.url.endsWith('/describe')
          ? { json: { name: 'Account', fields: [] } }
          : answerQuery({ pages: ['"Id","Name"\n"1"\n"2","x","y"\n'] })(heard, response),
      { format: 'jsonl' },
    )
    await expect(running).rejects.toMatchObject({ exit: 'failed', code: 'BAD_RESULT' })
  })

  test('keeps the empty rows of one column that is not quoted', async () => {
    const onPage: Answer['onPage'] = (_page, text, _heard, response) => {
      response.writeHead(200, { 'content-type': 'text/csv', 'sforce-locator': 'null' })
      for (const byte of Buffer.from(text)) response.write(Buffer.of(byte))
      response.end()
      return 'answered'
    }
    const csv = 'Name\n\na\n"b\n\nc"\n\n\n'
    for (const [format, text] of [
      ['csv', 'Name\n""\na\n"b\n\nc"\n""\n""\n'],
      ['jsonl', '{"Name":null}\n{"Name":"a"}\n{"Name":"b\\n\\nc"}\n{"Name":null}\n{"Name":null}\n'],
    ] as const) {
      const { running, output } = await runExtract(
        (heard, response) =>
          heard.url.endsWith('/describe')
            ? { json: { name: 'Account', fields: [] } }
            : answerQuery({ pages: [csv], rows: 5, onPage })(heard, response),
        { soql: 'SELECT Name FROM Account', format },
      )
      expect(await running).toMatchObject({ rows: 5 })
      expect(output.text()).toBe(text)
    }
  })

  test('calls columns otherwise when asked, in the header line alone', async () => {
    const { running, output } = await runExtract(answerQuery({ pages: [page('Id'), page('Name')] }), {
      names: new Map([['name', 'Full "name"']]),
    })
    await running
    expect(output.text()).toBe(`"Id","Full ""name"""\n${rowsOf(page('Id'), page('Name'))}`)
  })

  test('says which columns there are when one that is to be called otherwise is missing', async () => {
    const { running } = await runExtract(answerQuery({ pages: [page('a')] }), { names: new Map([['Nmae', 'N']]) })
    await expect(running).rejects.toMatchObject({
      exit: 'usage',
      code: 'UNKNOWN_COLUMN',
      hint: 'its columns are Id, Name',
    })
  })

  test('keeps the words of the service when the job failed', async () => {
    const { running } = await runExtract([
      () => ({ json: { id: '750Q', state: 'UploadComplete' } }),
      () => ({ json: { id: '750Q', state: 'Failed', errorMessage: 'QUERY_TIMEOUT: too long' } }),
    ])
    await expect(running).rejects.toMatchObject({
      exit: 'failed',
      message: 'query job 750Q has no result: QUERY_TIMEOUT: too long',
    })
  })

  test.each<[string, Reply, string]>([
    ['was aborted', { json: { id: '750Q', state: 'Aborted' } }, 'query job 750Q was aborted'],
    [
      'is not there any more',
      { status: 404, json: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }] },
      'query job 750Q is not in the org any more',
    ],
  ])('says that its job %s', async (_, reply, message) => {
    const { running } = await runExtract([() => ({ json: { id: '750Q', state: 'UploadComplete' } }), () => reply])
    const hint = expect.stringContaining('run the query again')
    await expect(running).rejects.toMatchObject({ exit: 'failed', message, hint })
  })

  test('is no job in a version that has none', async () => {
    const rows = { totalSize: 1, done: true, records: [{ Id: '1' }] }
    const { running, output, heard } = await runExtract(
      [() => ({ json: rows })],
      { soql: 'SELECT Id FROM Account' },
      { apiVersion: '46.0' },
    )
    expect(await running).toMatchObject({ api: 'rest', rows: 1, jobs: [] })
    expect(output.text()).toBe('"Id"\n"1"\n')
    expect(heard).toHaveLength(1)
  })

  test('asks for the number of rows once more when more have come than the job said', async () => {
    for (const [later, outcome] of [
      [2, { rows: 2, apiCalls: 4 }],
      [1, { code: 'ROWS_MISSING' }],
    ] as const) {
      const counts = [1, later]
      const played = answerQuery({ pages: [page('a', 'b')] })
      const { running } = await runExtract((heard, response) =>
        heard.method === 'GET' && heard.url.endsWith('/750Q')
          ? { json: { id: '750Q', state: 'JobComplete', numberRecordsProcessed: counts.shift() } }
          : played(heard, response),
      )
      expect(await running.catch((error: unknown) => error)).toMatchObject(outcome)
    }
  })

  test('says that a page of its result is not there any more', async () => {
    const onPage: Answer['onPage'] = (number) => (number === 1 ? { status: 404, json: [] } : undefined)
    const { running } = await runExtract(answerQuery({ pages: [page('a'), page('b')], onPage }))
    const message = 'a page of the result of query job 750Q is not in the org any more'
    await expect(running).rejects.toMatchObject({ exit: 'failed', code: 'RESULT_GONE', message })
  })

  test('takes no web page for rows', async () => {
    const onPage = () => ({ headers: { 'content-type': 'text/html; charset=UTF-8' }, text: '<html>Sign in</html>' })
    const { running, output } = await runExtract(answerQuery({ pages: [header], onPage }))
    await expect(running).rejects.toMatchObject({ exit: 'failed', code: 'NOT_CSV' })
    expect(output.text()).toBe('')
  })

  test('asks again for a page in whose place a web page came', async () => {
    const web = { headers: { 'content-type': 'text/html' }, text: '<html>Sign in</html>' }
    let left = 2
    const onPage: Answer['onPage'] = () => (left-- > 0 ? web : undefined)
    const { running, output } = await runExtract(answerQuery({ pages: [page('a'), page('b')], onPage }))
    expect(await running).toMatchObject({ rows: 2 })
    expect(output.text()).toMatch(/a.*\n.*b/)
  })
})

describe('a result of many rows', () => {
  const names = (from: number) => Array.from({ length: 6_000 }, (_, index) => `name ${from + index}`)
  const pages = Array.from({ length: 12 }, (_, index) => page(...names(index * 6_000)))

  test.each([
    'nextRecordsUrl',
    'nextRecordUrl',
  ] as const)('is read in parallel by the list of pages (%s) and written in their order', async (nextKey) => {
    const { running, output, heard } = await runExtract(answerQuery({ pages, listed: true, nextKey }))
    expect(await running).toMatchObject({ rows: 72_000, pages: 12, apiCalls: 2 + 3 + 12 })
    expect(output.text() === header + rowsOf(...pages)).toBe(true)
    const asked = paths(heard)
    expect(asked.filter((line) => /resultpages/i.test(line))).toEqual([
      'GET /jobs/query/750Q/resultPages',
      'GET /jobs/query/750Q/resultpages?locator=5',
      'GET /jobs/query/750Q/resultpages?locator=10',
    ])
  })

  test('has some pages on the way at a time, four or one more than processors, whichever is answered first', async () => {
    const atATime = Math.min(4, availableParallelism() + 1)
    const waiting: (() => void)[] = []
    const onPage: Answer['onPage'] = (number, text, _, response) => {
      if (number >= atATime) return undefined
      waiting.push(() => {
        response.writeHead(200, { 'content-type': 'text/csv' })
        response.end(text)
      })
      if (waiting.length === atATime) for (const answer of waiting.reverse()) answer()
      return 'answered'
    }
    const { running, output } = await runExtract(answerQuery({ pages, listed: true, onPage }))
    expect(await running).toMatchObject({ rows: 72_000, pages: 12 })
    expect(output.text() === header + rowsOf(...pages)).toBe(true)
  })

  test('is followed by locators where the version has no list of pages', async () => {
    const { running, heard, output } = await runExtract(answerQuery({ pages }), {}, { apiVersion: '57.0' })
    expect(await running).toMatchObject({ rows: 72_000, pages: 12 })
    expect(output.text() === header + rowsOf(...pages)).toBe(true)
    expect(paths(heard).some((line) => /resultpages/i.test(line))).toBe(false)
  })

  test('is followed by locators where the service does not know the list', async () => {
    const { running, output } = await runExtract(answerQuery({ pages }))
    expect(await running).toMatchObject({ rows: 72_000, pages: 12, apiCalls: 2 + 1 + 12 })
    expect(output.text() === header + rowsOf(...pages)).toBe(true)
  })
})

describe('a page that breaks off', () => {
  const names = fc.array(fc.string({ unit: fc.constantFrom('a', '""', '\n', ',', 'ü', '😀'), maxLength: 10 }), {
    minLength: 1,
    maxLength: 12,
  })

  test('is read again without a missing or a doubled byte, wherever it was cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(names, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(400), { maxLength: 6 }),
        async (all, cuts) => {
          const pages = all.map((each) => page(...each))
          const left = [...cuts]
          const counts = all.map((each) => String(each.length))
          const answer: Answer = {
            pages,
            rows: all.flat().length,
            onPage: (number, text, _, response) => {
              const cut = left.shift()
              const following = number + 1 < pages.length ? `p${number + 1}` : 'null'
              const headers = { 'sforce-locator': following, 'sforce-numberofrecords': counts[number] ?? '' }
              if (cut === undefined || cut >= Buffer.byteLength(text))
                return { headers: { 'content-type': 'text/csv', ...headers }, text }
              return cutAfter(text, cut, headers, response)
            },
          }
          const { running, output } = await runExtract(
            answerQuery(answer),
            {},
            { signal: new AbortController().signal },
          )
          const summary = await running.catch((error: unknown) => error)
          if (summary instanceof Error) expect(cuts.length).toBeGreaterThanOrEqual(4)
          else {
            expect(output.text()).toBe(header + rowsOf(...pages))
            expect(summary).toMatchObject({ rows: all.flat().length })
          }
        },
      ),
      { numRuns: 60 },
    )
  })

  test.each([
    ['as it comes', 'rows.csv', {}],
    ['compressed', 'rows.csv.gz', {}],
    ['in files of so many rows', 'rows-001.csv', { rowsPerFile: 60_000 }],
  ])('is read again when it is long, though its memory was given back: %s', async (_, name, plan) => {
    const folder = await temporaryFolder()
    const many = Array.from({ length: 20_000 }, (_, row) => `Company ${row} ${'of the north '.repeat(9)}`)
    const cuts = [2_000_000, 900_000, 30_000]
    const onPage: Answer['onPage'] = (_, text, __, response) => {
      const cut = cuts.pop()
      return cut === undefined ? undefined : cutAfter(text, cut, { 'sforce-locator': 'p1' }, response)
    }
    const output = join(folder, name.replace('-001', ''))
    const pages = [page(...many), page(...many)]
    const { running } = await runExtract(answerQuery({ pages, onPage }), { output, ...plan })
    expect(await running).toMatchObject({ rows: 2 * many.length })
    const bytes = await readFile(join(folder, name))
    const text = String(name.endsWith('.gz') ? gunzipSync(bytes) : bytes).replaceAll('"', '')
    expect(text === (header + rowsOf(...pages)).replaceAll('"', '')).toBe(true)
  })

  test('without an error is found by the number of rows in its header', async () => {
    let first = true
    const onPage: Answer['onPage'] = (_, text) => {
      if (!first) return undefined
      first = false
      return {
        headers: { 'content-type': 'text/csv', 'sforce-numberofrecords': '3', 'sforce-locator': 'null' },
        text: text.slice(0, text.indexOf('"001"')),
      }
    }
    const { running, output } = await runExtract(answerQuery({ pages: [page('a', 'b', 'c')], onPage }))
    expect(await running).toMatchObject({ rows: 3, apiCalls: 4 })
    expect(output.text()).toBe(page('a', 'b', 'c'))
  })

  test.each([3, 30_000])('and is another one when it is read again ends the query: %i rows', async (rows) => {
    let asked = 0
    const onPage: Answer['onPage'] = (_, text, __, response) => {
      asked++
      if (asked === 1) return cutAfter(text, text.length - 3, {}, response)
      return { headers: { 'content-type': 'text/csv' }, text: text.replaceAll('Company', 'Kompany') }
    }
    const names = Array.from({ length: rows }, (_, row) => `Company ${row}`)
    const output = join(await temporaryFolder(), 'rows.csv')
    const { running } = await runExtract(answerQuery({ pages: [page(...names)], onPage }), { output })
    await expect(running).rejects.toMatchObject({ code: 'RESULT_CHANGED', exit: 'failed' })
  })

  test('again and again ends the query after four times', async () => {
    const onPage: Answer['onPage'] = (_, text, __, response) => cutAfter(text, 20, {}, response)
    const { running, heard } = await runExtract(answerQuery({ pages: [page('a', 'b', 'c')], onPage }))
    await expect(running).rejects.toMatchObject({ code: 'RESULT_CUT', exit: 'failed' })
    expect(heard.filter(({ url }) => url.endsWith('/results'))).toHaveLength(4)
  })
})

import { Writable } from 'node:stream'
import type { ExtractEvent } from '../../src/extract/events.ts'
import { type ExtractPlan, type ExtractTools, extract } from '../../src/extract/extract.ts'
import { fakeClock } from '../bulk/fake-clock.ts'
import { fakeTools, openOrg, type Reply, type Step, startDialogue } from '../org/dialogue.ts'

/** How a scripted service answers one query; every page is asked for by its number. */
export interface Answer {
  readonly pages: readonly string[]
  /** Rows that the job says it has. Default: the rows of the pages. */
  readonly rows?: number | undefined
  /** Instead of a page; undefined answers as usual. */
  readonly onPage?: (page: number, text: string, ...step: Parameters<Step>) => Reply | 'answered' | undefined
  /** Says which pages there are, five at a time. Default: only `results` with locators is answered. */
  readonly listed?: boolean
  /** Spelling of the key that leads to the next list. */
  readonly nextKey?: 'nextRecordsUrl' | 'nextRecordUrl'
  /** The locator of the last page. Default `null`. */
  readonly lastLocator?: string | undefined
}

const root = '/services/data/v66.0'

/** The header line of every page. */
export const header = '"Id","Name"\n'

/** A page with a row for each name. */
export function page(...names: readonly string[]): string {
  return header + names.map((name, index) => `"00${index}","${name}"\n`).join('')
}

/** The rows of these pages, without their headers. */
export function rowsOf(...pages: readonly string[]): string {
  return pages.map((text) => text.slice(header.length)).join('')
}

/** What was asked: `GET /jobs/query/750Q`. */
export function paths(heard: readonly { readonly method: string; readonly url: string }[]): string[] {
  return heard.map(({ method, url }) => `${method} ${url.replace(root, '')}`)
}

/** Plays Bulk API 2.0 for one query job. */
export function answerQuery({ pages, rows, onPage, listed, nextKey = 'nextRecordsUrl', ...more }: Answer): Step {
  const counts = pages.map((page) => page.trimEnd().split('\n').length - 1)
  const total = rows ?? counts.reduce((sum, count) => sum + count, 0)
  return (heard, response) => {
    const url = new URL(heard.url, 'http://org')
    const locator = url.searchParams.get('locator')
    if (heard.method === 'POST') return { json: { id: '750Q', state: 'UploadComplete' } }
    if (url.pathname === `${root}/jobs/query/750Q`) {
      return { json: { id: '750Q', state: 'JobComplete', numberRecordsProcessed: total } }
    }
    if (/resultpages$/i.test(url.pathname)) {
      if (listed !== true) return { status: 404, json: [] }
      const from = Number(locator ?? 0)
      const paths = pages.map((_, page) => `${root}/jobs/query/750Q/results?locator=p${page}`)
      const next = from + 5 < pages.length ? `${root}/jobs/query/750Q/resultpages?locator=${from + 5}` : null
      const resultPages = paths.slice(from, from + 5).map((resultUrl) => ({ resultUrl }))
      return { json: { resultPages, [nextKey]: next, done: next === null } }
    }
    const page = Number(locator?.slice(1) ?? 0)
    const text = pages[page] ?? ''
    const special = onPage?.(page, text, heard, response)
    if (special === 'answered') return undefined
    if (special !== undefined) return special
    const last = 'lastLocator' in more ? more.lastLocator : 'null'
    const following = page + 1 < pages.length ? `p${page + 1}` : last
    return {
      headers: {
        'content-type': 'text/csv',
        'sforce-numberofrecords': String(counts[page]),
        ...(following === undefined ? {} : { 'sforce-locator': following }),
      },
      text,
    }
  }
}

/** Sends the headers of the whole page but only some of its bytes. */
export function cutAfter(
  text: string | Buffer,
  bytes: number,
  headers: Record<string, string>,
  response: Parameters<Step>[1],
) {
  const whole = Buffer.from(text)
  response.writeHead(200, { 'content-type': 'text/csv', 'content-length': whole.length, ...headers })
  response.write(whole.subarray(0, bytes), () => response.destroy())
  return 'answered' as const
}

export interface Collected extends Writable {
  text(): string
}

/** A stream that keeps what is written to it. */
export function collect(): Collected {
  const blocks: Buffer[] = []
  const stream = new Writable({
    highWaterMark: 16,
    write(block: Buffer, _, done) {
      blocks.push(block)
      setImmediate(done)
    },
  })
  return Object.assign(stream, { text: () => Buffer.concat(blocks).toString() })
}

/** Runs an extract against a scripted service. */
export async function runExtract(
  script: readonly Step[] | Step,
  plan: Partial<ExtractPlan> = {},
  { apiVersion = '66.0', ...tools }: Partial<ExtractTools> & { readonly apiVersion?: string } = {},
) {
  const { url, heard } = await startDialogue(script)
  const org = { ...openOrg(url, fakeTools()).org, apiVersion }
  const events: ExtractEvent[] = []
  const output = collect()
  const clock = fakeClock()
  const running = extract(
    { soql: 'SELECT Id, Name FROM Account', all: false, names: new Map(), output, api: 'bulk', ...plan },
    { org, signal: new AbortController().signal, report: (event) => events.push(event), clock, ...tools },
  )
  const notes = () => events.flatMap((event) => (event.type === 'note' ? [event.text] : []))
  return { running, heard, events, notes, output, clock }
}

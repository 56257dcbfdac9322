import { listPages, pageListVersion, pagePath } from '../bulk/query-job.ts'
import { ApiError, RunError } from '../errors.ts'
import type { Org } from '../org/org.ts'
import { openPage, type Page, type PageTools } from './read-page.ts'
import type { RowOutput } from './row-output.ts'

export interface PagesTools extends PageTools {
  /** Pages that are read at a time. */
  readonly parallelPages: number
  /** Told of the rows of each page when it is written. */
  readonly onPage: (rows: number) => void
  /** The header line where the result has none; empty where it is not known. */
  readonly nameColumns: () => Promise<Uint8Array>
}

/** The job whose result is written, and its rows as it counts them itself. */
export interface EndedQuery {
  readonly id: string
  readonly rows: number | undefined
}

/**
 * Writes the pages of an ended query job one behind the other under one header line, and returns their number. Pages
 * after the first are read while those before them are written, as far as their memory goes.
 */
export async function writePages(org: Org, job: EndedQuery, output: RowOutput, tools: PagesTools): Promise<number> {
  const abort = new AbortController()
  const signal = AbortSignal.any([tools.signal, abort.signal])
  const read = inParallel(org, job.rows) ? pagesAhead : pagesOneByOne
  let pages = 0
  let header: Uint8Array | undefined
  try {
    for await (const page of read(org, job.id, { ...tools, signal })) {
      header = await writePage(page, header, output, tools.nameColumns)
      tools.onPage(page.end().rows)
      pages++
    }
    return pages
  } finally {
    abort.abort(new RunError('reading the result was given up'))
  }
}

/** The list of pages costs calls of its own, which a result of a page or two does not repay. */
function inParallel(org: Org, rows: number | undefined): boolean {
  return Number.parseFloat(org.apiVersion) >= pageListVersion && rows !== undefined && rows > fewRows
}

const fewRows = 50_000

/** Returns the header that all pages must have. */
async function writePage(
  page: Page,
  header: Uint8Array | undefined,
  output: RowOutput,
  nameColumns: PagesTools['nameColumns'],
): Promise<Uint8Array | undefined> {
  let own: Uint8Array | undefined
  for await (const block of page.blocks) {
    if (own !== undefined) {
      await output.write(block)
      continue
    }
    own = block
    if (header === undefined) await output.writeHeader(own.length > 0 ? own : await nameColumns())
    else if (Buffer.compare(header, own) !== 0) throw otherColumns()
  }
  return header ?? own
}

function otherColumns(): RunError {
  return new RunError('the pages of the result do not have the same columns', { code: 'RESULT_CHANGED' })
}

async function* pagesOneByOne(org: Org, job: string, tools: PageTools): AsyncGenerator<Page> {
  let page = openPage(org, pagePath(job), tools)
  yield page
  for (let next = page.end().next; next !== undefined; next = page.end().next) {
    page = openPage(org, pagePath(job, next), tools)
    yield page
  }
}

async function* pagesAhead(org: Org, job: string, tools: PagesTools): AsyncGenerator<Page> {
  const paths = listPages(org, job, tools.signal)
  let first = await paths.next().catch(unlessUnknown)
  if (first === undefined) {
    yield* pagesOneByOne(org, job, tools)
    return
  }
  const open: Page[] = []
  let listed = false
  for (;;) {
    while (!listed && open.length < tools.parallelPages) {
      const path: IteratorResult<string> = first ?? (await paths.next())
      first = undefined
      if (path.done === true) listed = true
      else open.push(openPage(org, path.value, tools))
    }
    const page = open.shift()
    if (page === undefined) return
    yield page
  }
}

/** Nothing for a service that does not know the list: the locators lead on, too. */
function unlessUnknown(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.status !== 404) throw error
}

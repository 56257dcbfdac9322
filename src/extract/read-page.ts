import type { Clock } from '../bulk/clock.ts'
import { fetchPage, nextLocator, rowsAnnounced } from '../bulk/query-job.ts'
import { RecordCounter } from '../bulk/record-counter.ts'
import { RunError } from '../errors.ts'
import { CutAnswerError, readBody } from '../org/cut-answer.ts'
import type { Org } from '../org/org.ts'
import { isPassing } from '../org/retry.ts'
import { restartPause, restarts } from '../org/retry-table.ts'
import { BlockQueue } from './block-queue.ts'
import { LineFeedEnder } from './end-in-line-feed.ts'
import { EmptyRowQuoter } from './quote-empty-rows.ts'
import { HeaderSplitter } from './split-header.ts'

export interface PageTools {
  readonly clock: Clock
  readonly signal: AbortSignal
}

/** A page that is being read. */
export interface Page {
  /** First the header line without its line ending, then the rows; every row ends in LF. */
  readonly blocks: AsyncIterable<Uint8Array>
  /** What is known once `blocks` has ended. */
  end(): PageEnd
}

export interface PageEnd {
  readonly rows: number
  /** Locator of the page that follows; undefined on the last one. */
  readonly next: string | undefined
}

/**
 * Begins to read a page; at most `pageMemory` bytes of it wait to be taken. When its body breaks off, or holds fewer rows
 * than its own header says, it is fetched again and the bytes already given are left out, after a look at the last of
 * them. `blocks` throws what `Org.send` throws, and `RunError` when the page cannot be had whole.
 */
export function openPage(org: Org, path: string, tools: PageTools): Page {
  const queue = new BlockQueue(pageMemory)
  let end: PageEnd = { rows: 0, next: undefined }
  const giveUp = () => queue.fail(tools.signal.reason)
  tools.signal.addEventListener('abort', giveUp, { once: true })
  readWhole(org, path, queue, tools)
    .then(
      (pageEnd) => {
        end = pageEnd
        queue.close()
      },
      (error: unknown) => queue.fail(error),
    )
    .finally(() => tools.signal.removeEventListener('abort', giveUp))
  return { blocks: queue, end: () => end }
}

/** Three pages may wait while a fourth is written. With 2 MiB each the whole program was measured at 86 MB, with 4 at 93, and no faster. */
const pageMemory = 2 * 1024 * 1024

async function readWhole(org: Org, path: string, queue: BlockQueue, tools: PageTools): Promise<PageEnd> {
  const given = new GivenBytes(queue)
  for (let failures = 1; ; failures++) {
    const before = given.bytes
    try {
      return await readOnce(org, path, given, tools.signal)
    } catch (error) {
      if (tools.signal.aborted || !isPassing(error)) throw error
      if (given.bytes > before) failures = 1
      if (failures === restarts.page.tries) throw error
      await tools.clock.sleep(restartPause(failures), tools.signal)
    }
  }
}

async function readOnce(org: Org, path: string, given: GivenBytes, signal: AbortSignal): Promise<PageEnd> {
  const answer = await fetchPage(org, path, signal)
  const splitter = new HeaderSplitter()
  const ender = new LineFeedEnder()
  const counter = new RecordCounter()
  let quoter: EmptyRowQuoter | 'not needed' | undefined
  given.rewind()
  for await (const block of readBody(answer, 'a page of the result')) {
    const rest = splitter.rest(block)
    const lines = splitter.complete && splitter.endsInCrlf ? ender.take(rest) : rest
    if (lines.length === 0) continue
    quoter ??= EmptyRowQuoter.isNeeded(splitter.header) ? new EmptyRowQuoter() : 'not needed'
    const rows = quoter === 'not needed' ? lines : quoter.take(lines)
    if (counter.records === 0) await given.header(splitter.header)
    counter.add(rows)
    await given.rows(rows)
    signal.throwIfAborted()
  }
  const rows = counter.records
  if (counter.insideQuotes || rows < (rowsAnnounced(answer) ?? 0) || given.behind) {
    throw new CutAnswerError('a page of the result')
  }
  await given.header(splitter.header)
  if (!counter.atBorder) await given.rows(lineEnd)
  return { rows, next: nextLocator(answer) }
}

const lineEnd = Buffer.from('\n')

/** What of a page has been given to the queue, so that a page that is read again goes on behind it. */
class GivenBytes {
  readonly #queue: BlockQueue
  #header: Buffer | undefined
  #bytes = 0
  #position = 0
  /** The last bytes given, to be recognised when the page is read again. */
  #tail: Uint8Array = new Uint8Array(0)

  constructor(queue: BlockQueue) {
    this.#queue = queue
  }

  /** Bytes of rows given so far. */
  get bytes(): number {
    return this.#bytes
  }

  /** Whether this reading has not come as far as an earlier one. */
  get behind(): boolean {
    return this.#position < this.#bytes
  }

  /** The page is read from its beginning. */
  rewind(): void {
    this.#position = 0
  }

  async header(line: Buffer): Promise<void> {
    if (this.#header === undefined) {
      this.#header = line
      await this.#queue.push(line)
    } else if (!this.#header.equals(line)) throw changedPage()
  }

  async rows(block: Uint8Array): Promise<void> {
    const known = Math.min(block.length, Math.max(0, this.#bytes - this.#position))
    if (known > 0) this.#compare(block.subarray(0, known))
    this.#position += block.length
    if (known === block.length) return
    const fresh = block.subarray(known)
    this.#bytes += fresh.length
    // A copy: whoever takes the block gives its memory back.
    this.#tail = Buffer.concat([this.#tail, fresh.subarray(-tailBytes)]).subarray(-tailBytes)
    await this.#queue.push(fresh)
  }

  /** Other rows, or the same in another order, would not have these very bytes at this very place. */
  #compare(block: Uint8Array): void {
    const tailStart = this.#bytes - this.#tail.length
    const from = Math.max(this.#position, tailStart)
    const to = this.#position + block.length
    if (from >= to) return
    const again = block.subarray(from - this.#position)
    const before = this.#tail.subarray(from - tailStart, to - tailStart)
    if (Buffer.compare(again, before) !== 0) throw changedPage()
  }
}

const tailBytes = 4_096

function changedPage(): RunError {
  return new RunError('a page of the result was not the same when it was read again', {
    code: 'RESULT_CHANGED',
    hint: 'run the query again',
  })
}

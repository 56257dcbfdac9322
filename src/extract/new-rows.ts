import { createHash } from 'node:crypto'
import { cellText } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import { RunError } from '../errors.ts'
import type { DeliveredRow, IncrementalState } from './incremental-state.ts'

/**
 * Rows are told apart by all that they hold, since SystemModstamp has whole seconds: a row that changed twice in one, with a
 * query in between, bears the same time.
 */
export class NewRows {
  readonly #overlap: number
  readonly #known: ReadonlySet<string>
  /** Rows delivered, this time or before, that the next run may see again. */
  #recent: DeliveredRow[]
  #mark: number
  /** The mark goes no further: the time of the query by the org's clock. */
  #mostMark = Number.POSITIVE_INFINITY
  readonly #askedAt: () => number
  #modstampColumn = -1
  #forgotten = 0

  /**
   * @param overlap milliseconds before the mark that the next run reads again
   * @param askedAt when the query was asked, in milliseconds since 1970 by the org's clock; called when an answer has come
   */
  constructor(state: IncrementalState | undefined, overlap: number, askedAt: () => number) {
    this.#overlap = overlap
    this.#askedAt = askedAt
    this.#recent = [...(state?.seen ?? [])]
    this.#known = new Set(this.#recent.map(([, hash]) => hash))
    this.#mark = state?.mark ?? Number.NEGATIVE_INFINITY
  }

  /** @param columns names of the columns as the service gives them */
  setColumns(columns: readonly string[]): void {
    this.#mostMark = this.#askedAt()
    this.#mark = Math.min(this.#mark, this.#mostMark)
    this.#modstampColumn = columns.findIndex((column) => column.toLowerCase() === 'systemmodstamp')
  }

  /** Whether a record was not delivered before. Called once for each. */
  keep(block: RecordBlock, record: number): boolean {
    const modstamp = Date.parse(cellText(block, block.firstCell[record]! + this.#modstampColumn))
    if (Number.isNaN(modstamp)) throw new RunError('a row has no SystemModstamp', { code: 'BAD_RESULT' })
    const hash = hashRecord(block, record)
    if (this.#known.has(hash)) return false
    this.#mark = Math.min(Math.max(this.#mark, modstamp), this.#mostMark)
    if (modstamp >= this.#mark - this.#overlap) this.#remember([modstamp, hash])
    return true
  }

  /** Where the query stands when every row that was kept is written; undefined when there never was one. */
  state(org: string, query: string): IncrementalState | undefined {
    if (!Number.isFinite(this.#mark)) return undefined
    this.#forgetOld()
    return { version: 1, org, query, mark: this.#mark, seen: this.#recent }
  }

  /** Rows that the next run will deliver again, since there were too many to remember. */
  get forgotten(): number {
    return this.#forgotten
  }

  #remember(row: DeliveredRow): void {
    if (this.#recent.length >= mostRemembered) this.#forgetOld()
    if (this.#recent.length < mostRemembered) this.#recent.push(row)
    else this.#forgotten++
  }

  #forgetOld(): void {
    this.#recent = this.#recent.filter(([modstamp]) => modstamp >= this.#mark - this.#overlap)
  }
}

/** About 100 MB of memory and 20 MB of state. */
const mostRemembered = 500_000

/** 96 bits: the chance of two rows that are taken for one is nil. The record holds its Id. */
function hashRecord(block: RecordBlock, record: number): string {
  const bytes = block.bytes.subarray(block.recordStart[record], block.recordEnd[record])
  return createHash('sha256').update(bytes).digest('base64url').slice(0, 16)
}

/** Where every row of the input went. */
export interface RowCounts {
  read: number
  /** Rows that were put into a job. */
  sent: number
  accepted: number
  rejected: number
  unprocessed: number
  unknown: number
  /** Rows that the user asked not to send. */
  skipped: number
}

/** A reason for rejects: one example of its text, how many rows share its code and fields, and where the first of them begin. */
export interface RejectReason {
  readonly text: string
  count: number
  readonly lines: number[]
}

const mostReasons = 1000
const mostSeenCharacters = 1000
/** What stands beyond the header may be as long as a row; an example of it is enough. */
const longTail = /(; beyond the header: [\s\S]{200})[\s\S]+$/
const mostLines = 5

/** Counts what is written, row by row. */
export class Account {
  readonly rows: RowCounts
  readonly #reasons = new Map<string, RejectReason>()
  /** Reasons by whole texts that were seen before: most rejects share a few, and the name of a text costs more than the text. */
  readonly #seen = new Map<string, RejectReason>()

  /** `earlier`: what an earlier process of the run has counted. */
  constructor(earlier?: {
    readonly rows: Readonly<Partial<RowCounts>>
    readonly reasons: readonly Pick<RejectReason, 'text' | 'count'>[]
  }) {
    const nothing = { read: 0, sent: 0, accepted: 0, rejected: 0, unprocessed: 0, unknown: 0, skipped: 0 }
    this.rows = { ...nothing, ...earlier?.rows }
    for (const { text, count } of earlier?.reasons ?? []) {
      this.#reasons.set(reasonName(text), { text, count, lines: [] })
    }
  }

  /** Whether every row that was read stands in exactly one place. */
  get balanced(): boolean {
    const { read, accepted, rejected, unprocessed, unknown, skipped } = this.rows
    return read === accepted + rejected + unprocessed + unknown + skipped
  }

  /** Counts the text of a row that was not accepted, and that begins on this line. */
  addReason(text: string, line: number): void {
    const reason = this.#seen.get(text) ?? this.#findReason(text)
    if (!reason) return
    reason.count++
    if (reason.lines.length < mostLines) reason.lines.push(line)
  }

  #findReason(text: string): RejectReason | undefined {
    const name = reasonName(text)
    const known = this.#reasons.get(name)
    if (!known && this.#reasons.size >= mostReasons) return undefined
    const reason = known ?? { text: text.replace(longTail, '$1…'), count: 0, lines: [] }
    if (!known) this.#reasons.set(name, reason)
    if (this.#seen.size < mostReasons && text.length < mostSeenCharacters) this.#seen.set(text, reason)
    return reason
  }

  /** Whether a row that this process has written was rejected with this code. */
  hasRejected(code: string): boolean {
    // The reasons of an earlier process, whose cause may have gone, have no lines.
    for (const { text, lines } of this.#reasons.values()) if (lines.length > 0 && text.startsWith(code)) return true
    return false
  }

  /** The most frequent first. */
  reasons(): readonly RejectReason[] {
    return [...this.#reasons.values()].sort((a, b) => b.count - a.count)
  }
}

/**
 * What rejects for the same cause share: the code, the fields, and the text without what differs from row to row: the value
 * that a sentence ends with (`Rating: bad value for restricted picklist field: …`), numbers, Ids, quoted texts, cells beyond the
 * header (`describe-fault.ts`).
 */
export function reasonName(text: string): string {
  const sentence = /^((?:LOCAL:)?[A-Z_]+:(?:[^:]*: [a-z]|Duplicate )[^:]*): [\s\S]*:([^:]*?) ?--$/.exec(text)
  if (sentence) return `${sentence[1]}:${sentence[2]}`
  return text.replace(/; beyond the header: [\s\S]*$|"[^"]*"|'[^']*'|\b[a-zA-Z0-9]*\d[a-zA-Z0-9]*\b/g, '')
}

import type { RecordTable } from '../csv/record-table.ts'
import type { RecordBlock } from '../csv/records.ts'
import { ExpectedError } from '../errors.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import { markAmbiguous, markContested } from './ambiguous-rows.ts'
import type { BuildOptions, JoinTable } from './join-table.ts'
import { Outcomes, outcome } from './outcomes.ts'
import { type RowKeys, resultKeys } from './row-keys.ts'
import { answersAtOnce } from './row-memory.ts'
import { canPass } from './stop-reason.ts'
import type { EchoedResults, Transport, Verdict } from './transport.ts'

/** What came of joining the answers of one job to its rows. */
export interface Joined {
  readonly outcomes: Outcomes
  /**
   * Answers that belong to no row that was sent, or to one that was told something else: told, since an Id among them is a
   * record that somebody must find.
   */
  readonly unmatched: { readonly count: number; readonly ids: readonly string[] }
  /** Columns that the answers lack although they were sent, so that no answer could be joined. */
  readonly missingColumns: readonly string[]
  /** Why no more answers could be fetched, which trying again will not change; those before are joined. */
  readonly failure: ExpectedError | undefined
}

const quote = 0x22
const mostUnmatchedIds = 5

/** Begins to fetch the answers; what is passed is called when those given so far are void and all are given once more. */
export type FetchAnswers = (startAnew?: () => Promise<void>) => ReturnType<Transport['results']>

/** Makes the table of a part; without the keys that were noted of its rows, should it be asked so. */
export type MakeTable = (options?: BuildOptions) => Promise<JoinTable>

/**
 * JOIN: the service's answers, in any order, to the rows they are for. An answer is never given to a row by guess: where
 * identical rows got different answers, and the input tells them apart in columns that were not sent, or where more answers fit
 * rows than there are rows, they are marked ambiguous. `folder`: where texts may be spooled.
 *
 * Where rows are known by fewer columns than identify them by rights, each of them must get one answer, and each answer a row.
 * If it does not come out even, a value may have come back as that of another row, so all answers are fetched once more
 * and compared in all columns.
 *
 * Some answers may fit no row because the service has taken the white space off the ends of a text: where rows are left, too, all
 * answers are fetched once more and compared without it.
 *
 * Throws what `fetch` throws, unless the service refuses the rest for good.
 */
export async function joinResults(
  mapping: CompiledMapping,
  makeTable: MakeTable,
  fetch: FetchAnswers,
  folder: string,
): Promise<Joined> {
  let join = await joinAll(mapping, makeTable, fetch, folder)
  const joinAgain = async (options: BuildOptions) => {
    join.outcomes.close()
    join = await joinAll(mapping, () => makeTable(options), fetch, folder)
  }
  if (join.isNarrow && !join.isEven && !join.leavesBoth) await joinAgain({ without: true })
  if (join.leavesBoth) await joinAgain({ trims: true })
  return join.end()
}

async function joinAll(
  mapping: CompiledMapping,
  makeTable: MakeTable,
  fetch: FetchAnswers,
  folder: string,
): Promise<Join> {
  let join = new Join(await makeTable(), mapping, folder)
  const startAnew = async () => {
    join.outcomes.close()
    join = new Join(await makeTable(), mapping, folder)
  }
  try {
    for await (const answers of fetch(startAnew)) {
      if ('placed' in answers) throw new Error('answers by position came from a transport that echoes')
      await join.add(answers)
    }
  } catch (error) {
    if (!(error instanceof ExpectedError) || canPass(error)) throw error
    join.failure = error
  }
  return join
}

class Join {
  readonly outcomes: Outcomes
  failure: ExpectedError | undefined
  readonly #table: JoinTable
  readonly #mapping: CompiledMapping
  readonly #readers = new Map<string, ResultReader>()
  readonly #missing = new Set<string>()
  readonly #ids: string[] = []
  /** Answers; those of them that no row waited for; and those of these that only repeat another one. */
  #answers = 0
  #count = 0
  #repeated = 0

  constructor(table: JoinTable, mapping: CompiledMapping, folder: string) {
    this.outcomes = new Outcomes(table.memory, folder)
    this.#table = table
    this.#mapping = mapping
  }

  get isNarrow(): boolean {
    return this.#table.isNarrow
  }

  /** Whether each row got an answer, and each answer a row. */
  get isEven(): boolean {
    return this.#count === 0 && this.#answers === this.outcomes.rows
  }

  /** Whether there are both rows and answers that did not find each other, although these have the columns for it. */
  get leavesBoth(): boolean {
    const found = this.#answers - this.#count
    return this.#count > this.#repeated && found < this.outcomes.rows && this.#missing.size === 0
  }

  async add({ verdict, header, records }: EchoedResults): Promise<void> {
    const reader = await this.#openReader(header)
    this.#answers += records.count
    for (const column of reader.missing) this.#missing.add(column)
    for (let first = 0; first < records.count; first += answersAtOnce) {
      const end = Math.min(first + answersAtOnce, records.count)
      const rows = reader.keys
        ? this.#table.match(reader.keys, records, first, end)
        : new Int32Array(end - first).fill(-1)
      reader.store(this.outcomes, rows, verdict, records, first)
      for (let answer = rows.indexOf(-1); answer >= 0; answer = rows.indexOf(-1, answer + 1)) {
        this.#count++
        const record = first + answer
        if (this.#repeats(reader, verdict, records, record)) this.#repeated++
        else if (this.#ids.length < mostUnmatchedIds) this.#ids.push(...reader.id(records, record))
      }
    }
  }

  end(): Joined {
    for (const alike of this.#table.alike()) markAmbiguous(this.outcomes, alike)
    const unmatched = { count: this.#count - this.#repeated, ids: this.#ids }
    return { outcomes: this.outcomes, unmatched, missingColumns: [...this.#missing], failure: this.failure }
  }

  /** Whether an answer that no row waits for only says once more what a row was told; one that says something else is noted. */
  #repeats(reader: ResultReader, verdict: Verdict, records: RecordTable, record: number): boolean {
    const rival = reader.keys ? this.#table.findAnswered(reader.keys, records, record) : -1
    if (rival < 0 || this.outcomes.status(rival) === outcome.ambiguous) return false
    return markContested(this.outcomes, this.#table.listAlike(rival), reader.describe(verdict, records, record))
  }

  async #openReader(header: readonly string[]): Promise<ResultReader> {
    const name = header.join('\u001f')
    const reader = this.#readers.get(name) ?? (await ResultReader.open(this.#mapping, header, this.#table))
    this.#readers.set(name, reader)
    return reader
  }
}

/** Reads the columns that the service adds, wherever they stand. */
class ResultReader {
  readonly keys: RowKeys | undefined
  readonly missing: readonly string[]
  readonly #id: number
  readonly #created: number
  readonly #error: number

  private constructor(keys: RowKeys | { readonly missing: readonly string[] }, header: readonly string[]) {
    const names = header.map((name) => name.toLowerCase())
    this.keys = 'missing' in keys ? undefined : keys
    this.missing = 'missing' in keys ? keys.missing : []
    this.#id = names.indexOf('sf__id')
    this.#created = names.indexOf('sf__created')
    this.#error = names.indexOf('sf__error')
  }

  static async open(
    mapping: CompiledMapping,
    header: readonly string[],
    { columns, trims }: JoinTable,
  ): Promise<ResultReader> {
    return new ResultReader(await resultKeys(mapping, header, columns, trims), header)
  }

  /** Gives the rows that were found for the records from `first` on what the records say. */
  store(outcomes: Outcomes, rows: Int32Array, verdict: Verdict, table: RecordTable, first: number): void {
    if (verdict === 'accepted') {
      outcomes.accept(rows, table, first, this.#id, this.#created)
      return
    }
    for (const [answer, row] of rows.entries()) {
      if (row < 0) continue
      const record = first + answer
      const [idStart, idEnd] = inner(table, record, this.#id)
      outcomes.setId(row, table.bytes, idStart, idEnd)
      outcomes.setStatus(row, verdict === 'rejected' ? outcome.rejected : outcome.unprocessed)
      if (verdict !== 'rejected') continue
      const [start, end] = inner(table, record, this.#error)
      outcomes.setText(row, table.bytes.subarray(start, end))
    }
  }

  /** An answer as `describeAnswer` tells those that rows have got. */
  describe(verdict: Verdict, block: RecordBlock, record: number): string {
    if (verdict === 'unprocessed') return verdict
    const [start, end] = inner(block, record, verdict === 'accepted' ? this.#id : this.#error)
    return `${verdict} ${block.bytes.toString('utf8', start, end)}`
  }

  id(block: RecordBlock, record: number): string[] {
    const [start, end] = inner(block, record, this.#id)
    return end > start ? [block.bytes.toString('latin1', start, end)] : []
  }
}

/** Where a cell's text stands, its quotes taken off; doubled quotes stay doubled, ready for a file that quotes again. */
function inner(
  { bytes, firstCell, cellStart, cellEnd }: RecordBlock,
  record: number,
  column: number,
): [number, number] {
  if (column < 0) return [0, 0]
  const start = cellStart[firstCell[record]! + column]!
  const end = cellEnd[firstCell[record]! + column]!
  return end - start >= 2 && bytes[start] === quote ? [start + 1, end - 1] : [start, end]
}

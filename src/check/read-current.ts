import { isWholeCheaper, type ReadTools, type RecordQuery, readRecords, readWhole } from '../extract/read-records.ts'
import type { CurrentRecords } from './current-records.ts'

/** Which records are read, and how they are kept. `query.fields` begins with Id and the key, or with Id alone where that is the key. */
export interface CurrentQuery {
  readonly query: RecordQuery
  readonly records: CurrentRecords
  readonly spellKey: (text: string) => string
}

/** Reads records of the org into the store: those of the keys that are asked for, or all of them at once where that costs less. */
export class CurrentReader {
  readonly #question: CurrentQuery
  readonly #tools: ReadTools
  #isDecided = false

  constructor(question: CurrentQuery, tools: ReadTools) {
    this.#question = question
    this.#tools = tools
  }

  /**
   * Sees to it that the records with these keys are in the store, as far as the org has them. `keys`: texts by their spelling.
   * `rows`: how many keys there may be in all.
   */
  async read(keys: ReadonlyMap<string, string>, rows: number): Promise<void> {
    const { query, records } = this.#question
    if (records.isWhole) return
    if (!this.#isDecided) {
      this.#isDecided = true
      if (await isWholeCheaper(query, rows, this.#tools)) {
        await this.#keepAll(readWhole(query, this.#tools))
        records.markWhole()
        return
      }
    }
    const unasked = records.unasked(new Set(keys.keys()))
    if (unasked.length === 0) return
    const texts = unasked.map((key) => keys.get(key) ?? key)
    await this.#keepAll(readRecords(query, texts, 0, this.#tools))
    records.keepAbsent(unasked)
  }

  async #keepAll(pages: ReturnType<typeof readRecords>): Promise<void> {
    const { query, records, spellKey } = this.#question
    const isById = query.key.name === 'Id'
    for await (const page of pages) {
      const found = page.map(([id = '', ...rest]) => {
        const [key = '', ...values] = isById ? [id, ...rest] : rest
        return { key, id, values }
      })
      records.keep(found.filter(({ key }) => key !== '').map((each) => ({ ...each, key: spellKey(each.key) })))
    }
  }
}

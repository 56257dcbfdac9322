import type { RunHistory } from '../runs/run-history.ts'

/** Which records of the org are of which rows, as far as the run knows, and what else is on its way. */
export class StoredIds {
  readonly #ids: Set<string>
  /** By what the files are known by in the org: how many requests that are under way have one. */
  readonly #underWay = new Map<string, number>()

  /** `past`: what earlier processes of the run were answered. */
  constructor(past: RunHistory | undefined) {
    const answers = [...(past?.pieces.values() ?? [])].flatMap((piece) => piece.answers ?? [])
    this.#ids = new Set(answers.map(([, , id]) => id).filter((id) => id !== ''))
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  add(id: string): void {
    this.#ids.add(id)
  }

  /** Whether another request may store a file that looks the same. */
  isShared(name: string): boolean {
    return (this.#underWay.get(name) ?? 0) > 1
  }

  begin(names: ReadonlySet<string>): void {
    for (const name of names) this.#underWay.set(name, (this.#underWay.get(name) ?? 0) + 1)
  }

  end(names: ReadonlySet<string>): void {
    for (const name of names) this.#underWay.set(name, (this.#underWay.get(name) ?? 1) - 1)
  }
}

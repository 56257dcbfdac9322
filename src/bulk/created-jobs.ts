/**
 * Jobs that this process has made. A search for a job that an earlier process left open must not take one of them for it, so
 * no job is made while one is searched for, and none is searched for while the id of a new one is on its way.
 */
export class CreatedJobs {
  readonly #ids = new Set<string>()
  readonly #creates = new Set<Promise<unknown>>()
  #search: Promise<unknown> | undefined

  get ids(): ReadonlySet<string> {
    return this.#ids
  }

  /** Notes a job that is of this run. */
  add(id: string): void {
    this.#ids.add(id)
  }

  async create<Job extends { readonly id: string }>(work: () => Promise<Job>): Promise<Job> {
    while (this.#search !== undefined) await this.#search
    const created = work()
    const noted = created.catch(() => undefined)
    this.#creates.add(noted)
    try {
      const job = await created
      this.add(job.id)
      return job
    } finally {
      this.#creates.delete(noted)
    }
  }

  async search<Found>(work: () => Promise<Found>): Promise<Found> {
    while (this.#search !== undefined) await this.#search
    const found = this.#afterCreates(work)
    const search = found
      .catch(() => undefined)
      .then(() => {
        this.#search = undefined
      })
    this.#search = search
    return await found
  }

  async #afterCreates<Found>(work: () => Promise<Found>): Promise<Found> {
    await Promise.all(this.#creates)
    return await work()
  }
}

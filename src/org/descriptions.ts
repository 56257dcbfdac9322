import { completeDescription, type ToldDescription } from './complete-description.ts'
import type { DescribeCache } from './describe-cache.ts'
import type { ObjectDescription } from './object-description.ts'

/** The descriptions of a connection: each is asked for once at most, and not at all where the cache has it. */
export interface Descriptions {
  /** @param options `fresh`: not from the cache */
  describe(object: string, options?: { readonly fresh?: boolean }): Promise<ObjectDescription>
  forget(object: string): Promise<void>
}

interface Answer {
  readonly description: ObjectDescription
  readonly cached: boolean
}

/** @param ask one API call */
export function createDescriptions(
  ask: (object: string) => Promise<ToldDescription>,
  cache: DescribeCache | undefined,
): Descriptions {
  const answers = new Map<string, Promise<Answer>>()

  return {
    async describe(object, { fresh = false } = {}) {
      const key = object.toLowerCase()
      let answer = answers.get(key) ?? remember(key, fresh ? askAnew(object) : find(object))
      if (fresh && (await answer).cached) answer = remember(key, askAnew(object))
      return (await answer).description
    },
    async forget(object) {
      answers.delete(object.toLowerCase())
      await cache?.drop(object)
    },
  }

  function remember(key: string, answer: Promise<Answer>): Promise<Answer> {
    answers.set(key, answer)
    answer.catch(() => answers.delete(key))
    return answer
  }

  async function find(object: string): Promise<Answer> {
    const description = await cache?.read(object)
    return description === undefined ? await askAnew(object) : { description, cached: true }
  }

  async function askAnew(object: string): Promise<Answer> {
    const description = completeDescription(await ask(object))
    await cache?.keep(description)
    return { description, cached: false }
  }
}

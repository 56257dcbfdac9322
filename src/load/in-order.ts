import pLimit from 'p-limit'

/**
 * Runs `work` on up to `width` items at a time and hands the results out in the order of the items. The next item is
 * asked for only when a slot is free; a slot is free when its result has been taken and the consumer asks for more.
 */
export async function* inOrder<A, B>(
  items: AsyncIterable<A>,
  width: number,
  work: (item: A) => Promise<B>,
): AsyncGenerator<B> {
  const limit = pLimit(width)
  const running: Promise<B>[] = []
  const iterator = items[Symbol.asyncIterator]()
  let upcoming: Promise<IteratorResult<A>> | undefined
  let ended = false
  try {
    while (!ended || running.length > 0) {
      if (!ended && running.length < width) {
        upcoming ??= iterator.next()
        // The head may be done before the source gives its next item: a slow source must not hold back what is ready.
        const head = running[0]
        const first = head ? await Promise.race([upcoming, head.then(() => 'head' as const)]) : await upcoming
        if (first !== 'head') {
          upcoming = undefined
          if (first.done) ended = true
          else running.push(track(limit(() => work(first.value))))
          continue
        }
      }
      yield await (running.shift() as Promise<B>)
    }
  } finally {
    await Promise.allSettled(running)
    await iterator.return?.()
  }
}

/** A failure is reported when its turn comes; until then nobody listens, and Node must not take it for a forgotten one. */
function track<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

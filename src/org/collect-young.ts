import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Collects what has become garbage since the last time, and nothing older: half a millisecond. V8 by itself waits until some
 * 30 MB of bytes outside its heap may be garbage, and then looks through everything. Called for every 8 MiB that are
 * received, this takes 20 MB off the peak of a load (157 MB instead of 180 for 1 GB, 121 instead of 137 for 120 MB) in
 * the same time.
 */
export function collectYoung(): void {
  if (collect === undefined) {
    setFlagsFromString('--expose-gc')
    collect = runInNewContext('gc') as Collect
  }
  collect({ type: 'minor' })
}

type Collect = (options: { readonly type: 'minor' }) => void

let collect: Collect | undefined

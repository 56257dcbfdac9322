import { createGzip } from 'node:zlib'
import type { ByteSink } from './byte-sink.ts'
import { StreamWriter } from './stream-writer.ts'

/** The same sink behind gzip. */
export function gzipSink(target: ByteSink): ByteSink {
  const gzip = createGzip({ level })
  const writer = new StreamWriter(gzip)
  const copied = copyAll(gzip, target)
  copied.catch((error: unknown) => gzip.destroy(error instanceof Error ? error : new Error(String(error))))
  let closed: Promise<void> | undefined
  const end = async () => {
    await writer.flush()
    gzip.end()
    await copied
  }
  const close = async () => {
    closed ??= end()
    await closed
  }
  return {
    file: target.file,
    write: async (block) => await writer.write(block),
    async close() {
      await close()
      await target.close()
    },
    async finish() {
      await close()
      await target.finish()
    },
    async abandon(keep) {
      // What arrived can be unpacked as far as it goes.
      await close().catch(() => undefined)
      return await target.abandon(keep)
    },
  }
}

/** The fastest: it keeps up with most links, and files are larger by a fifth than at level 6, which takes almost three times as long. */
const level = 1

async function copyAll(gzip: AsyncIterable<Buffer>, target: ByteSink): Promise<void> {
  for await (const block of gzip) await target.write(block)
}

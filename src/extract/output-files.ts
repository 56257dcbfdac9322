import { access } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { Writable } from 'node:stream'
import { type ByteSink, fileSink, streamSink } from './byte-sink.ts'
import { gzipSink } from './gzip-sink.ts'

/** The files, or the stream, of an extract: all of them get their names in the end, or none. */
export interface OutputFiles {
  /** Paths of the files so far; none for a stream. */
  readonly files: readonly string[]
  /** The file to write to from now on; the one before is closed. */
  next(): Promise<ByteSink>
  /** Everything is written: the files get their names. */
  finish(): Promise<void>
  /** Rows are missing: files keep their temporary names, which are returned, or are removed when nothing is to be kept. */
  abandon(keep: boolean): Promise<readonly string[]>
}

/**
 * @param output path of a file, `.gz` to be compressed, or a stream that is left open
 * @param split whether files are numbered: `rows.csv` becomes `rows-001.csv`, `rows-002.csv`, …
 */
export function outputFiles(output: string | Writable, split: boolean): OutputFiles {
  const sinks: ByteSink[] = []
  return {
    get files() {
      return sinks.flatMap(({ file }) => file ?? [])
    },
    async next() {
      await sinks.at(-1)?.close()
      const sink = await openSink(typeof output === 'string' && split ? numberedPath(output, sinks.length + 1) : output)
      sinks.push(sink)
      return sink
    },
    async finish() {
      await sinks.at(-1)?.close()
      for (const sink of sinks) await sink.finish()
    },
    async abandon(keep) {
      const kept: string[] = []
      for (const sink of sinks) {
        const path = await sink.abandon(keep)
        if (path !== null) kept.push(path)
      }
      return kept
    },
  }
}

/**
 * The name of the file that follows the last of `count` numbered ones: a longer result that was written before has left it, and
 * whoever reads all files of that name would take its rows for those of this one.
 */
export async function findLeftover(output: string, count: number): Promise<string | undefined> {
  const path = numberedPath(output, count + 1)
  const isThere = await access(path).then(
    () => true,
    () => false,
  )
  return isThere ? basename(path) : undefined
}

async function openSink(output: string | Writable): Promise<ByteSink> {
  if (typeof output !== 'string') return streamSink(output)
  const sink = await fileSink(output)
  return /\.gz$/i.test(output) ? gzipSink(sink) : sink
}

/** `out/rows-002.csv.gz` for `out/rows.csv.gz` and 2: in the order of their names they are in the order of the rows. */
function numberedPath(path: string, number: number): string {
  const packed = /\.gz$/i.exec(path)?.[0] ?? ''
  const plain = path.slice(0, path.length - packed.length)
  const extension = extname(plain)
  const base = plain.slice(0, plain.length - extension.length)
  return `${base}-${String(number).padStart(3, '0')}${extension}${packed}`
}

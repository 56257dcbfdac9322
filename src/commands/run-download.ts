import { relative, resolve } from 'node:path'
import { type DownloadSummary, downloadBodies } from '../attach/download-bodies.ts'
import { UsageError } from '../errors.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { formatCount } from '../format-count.ts'
import { formatBytes, formatDuration } from '../ui/figures.ts'
import { queryView } from '../ui/query-progress.ts'
import type { AttachCall } from './run-attach.ts'
import { openTalk } from './talk.ts'
import { withOrg } from './with-org.ts'

const defaultParallelCalls = 4

/** `attach --download`: bodies to files, and a manifest of them. */
export async function runDownload(call: AttachCall): Promise<ExitCode> {
  const { options, io, signal } = call
  const { download: soql, to, parallelCalls = defaultParallelCalls } = options
  if (soql === undefined || to === undefined) {
    throw new UsageError(soql === undefined ? '--to needs --download' : '--download needs --to', {
      hint: 'sfbulk attach --download "SELECT Id FROM Attachment" --to attachments',
    })
  }
  if (call.arguments[0] !== undefined) {
    throw new UsageError(`--download reads no manifest, and ${call.arguments[0]} is named as one`, {
      hint: 'leave one of them out',
    })
  }
  const began = performance.now()
  const talk = await openTalk(call, queryView, true)
  let result: DownloadSummary & { readonly org: string; readonly apiCalls: number }
  try {
    result = await withOrg({ options, io, log: talk.log, asksQueries: true }, async (org) => {
      const onFile = (rows: number, bytes: number, total: number) =>
        talk.report({ type: 'written', rows, bytes, total })
      const summary = await downloadBodies(soql, resolve(io.folder, to), { org, parallelCalls, signal, onFile })
      return { ...summary, org: org.name, apiCalls: org.usage.apiCalls }
    })
  } finally {
    talk.stop()
  }
  const { org, files, bytes, failed, apiCalls } = result
  const elapsedMs = Math.round(performance.now() - began)
  const show = (path: string | null) => path && relative(io.folder, path)
  const paths = { manifest: show(result.manifest), errors: show(result.errors) }
  talk.conclude([
    `${formatCount(files)} ${files === 1 ? 'file' : 'files'} → ${to} · ${formatBytes(bytes)} · ` +
      `${formatCount(apiCalls)} API ${apiCalls === 1 ? 'call' : 'calls'} · ${formatDuration(elapsedMs)}`,
    ...(paths.manifest === null ? [] : [`The manifest is ${paths.manifest}.`]),
    ...(failed > 0 ? [`${formatCount(failed)} could not be downloaded: see ${paths.errors}.`] : []),
  ])
  const exitCode = exitCodes[failed > 0 ? 'rejected' : 'done'].code
  if (options.json) {
    const counts = {
      org,
      rows: files + failed,
      downloaded: files,
      failed,
      bytes,
      files: paths,
      apiCalls,
      elapsedMs,
      exitCode,
    }
    io.stdout.write(`${JSON.stringify(counts)}\n`)
  }
  return exitCode
}

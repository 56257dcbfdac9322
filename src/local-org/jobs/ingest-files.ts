import type { OrgParts } from '../parts.ts'
import { quote, quotedLine, styleOf } from './csv-lines.ts'
import type { ResultVerdict } from './ingest-results.ts'
import type { Job } from './job.ts'
import { readUpload, UnreadableUpload } from './read-upload.ts'

/**
 * A file of results: `"sf__Id","sf__Created"` or `"sf__Id","sf__Error"` and the uploaded columns, names of the latter
 * not in quotes. Bulk API guide, "Get Job Successful Record Results".
 */
export async function* resultFile(
  { results }: Pick<OrgParts, 'results'>,
  job: Job,
  verdict: ResultVerdict,
): AsyncGenerator<Buffer> {
  const added = verdict === 'successful' ? ['sf__Id', 'sf__Created'] : ['sf__Id', 'sf__Error']
  yield headerLine(job, [...added.map(quote), ...job.resultColumns])
  yield* results.read(job.id, verdict)
}

/** The rows that the job did not come to, with the uploaded columns in the order of the upload. */
export async function* unprocessedFile({ uploads }: Pick<OrgParts, 'uploads'>, job: Job): AsyncGenerator<Buffer> {
  if (job.state === 'JobComplete') {
    yield headerLine(job, job.resultColumns)
    return
  }
  // Nothing was done, perhaps because it could not be read: the upload goes back as it came.
  if (job.processed === 0) yield* uploads.read(job.id)
  else yield* restOfUpload(uploads, job)
}

async function* restOfUpload(uploads: OrgParts['uploads'], job: Job): AsyncGenerator<Buffer> {
  const style = styleOf(job)
  const groups = readUpload(job, uploads.read(job.id))
  const [header] = (await groups.next()).value ?? []
  yield headerLine(job, header ?? [])
  let seen = 0
  try {
    for await (const group of groups) {
      const rows = group.slice(Math.max(0, job.processed - seen))
      seen += group.length
      yield Buffer.from(rows.map((cells) => quotedLine(cells, style)).join(''))
    }
  } catch (error) {
    // Where the upload cannot be read any further the job has failed for the same reason.
    if (!(error instanceof UnreadableUpload)) throw error
  }
}

function headerLine(job: Job, names: readonly string[]): Buffer {
  const { delimiter, lineEnding } = styleOf(job)
  return Buffer.from(names.join(delimiter) + lineEnding)
}

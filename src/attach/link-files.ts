import { PartNotSent, type PlacedResult } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { findSoapCall } from '../soap/calls.ts'
import { findColumns } from '../soap/columns.ts'
import type { CallTools } from '../soap/send-call.ts'
import { writeRows } from '../soap/write-rows.ts'
import type { Links } from './manifest-rows.ts'
import type { RowVerdict } from './verdict.ts'

/** A file that was stored and is to be shown at records. */
export interface FileToLink {
  readonly row: number
  /** Id of the ContentVersion. */
  readonly version: string
  /** Whether its document came into being with it. */
  readonly isNew: boolean
  readonly links: Links
}

/**
 * Links documents to records, and gives a verdict for each row whose links are not all there. A new file that cannot be
 * linked is taken back, so that its row can be mended and sent again without a second copy. Source: object reference,
 * ContentDocumentLink.
 */
export async function linkFiles(
  org: Org,
  files: readonly FileToLink[],
  tools: CallTools,
  onFailure: (error: unknown) => void,
): Promise<ReadonlyMap<number, RowVerdict>> {
  const failed = new Map<number, RowVerdict>()
  try {
    const documents = await findDocuments(org, files)
    const links = files.flatMap((file) => file.links.records.map((record) => ({ file, record })))
    const rows = links.map(({ file, record }) => {
      const { shareType, visibility } = file.links
      return [documents.get(file.version) ?? '', record, shareType || 'V', visibility]
    })
    const refused = new Map<FileToLink, string>()
    for (const { row, verdict, error } of await write(org, 'insert', 'ContentDocumentLink', linkFields, rows, tools)) {
      const { file, record } = links[row]!
      if (verdict !== 'accepted') refused.set(file, `${error} (link to ${record}`)
    }
    for (const [file, text] of await takeBack(org, refused, documents, tools)) failed.set(file.row, text)
  } catch (error) {
    const cause = error instanceof PartNotSent ? error.failure.error : error
    onFailure(cause)
    for (const { row, version } of files) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      failed.set(row, {
        verdict: 'unknown',
        id: version,
        error: `the file is stored as ${version}, and whether it is linked is not known: ${reason}`,
      })
    }
  }
  return failed
}

const linkFields = ['ContentDocumentId', 'LinkedEntityId', 'ShareType', 'Visibility']
const mostRows = 200

async function findDocuments(org: Org, files: readonly FileToLink[]): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (let start = 0; start < files.length; start += mostRows) {
    const ids = files.slice(start, start + mostRows).map(({ version }) => `'${version}'`)
    const soql = `SELECT Id, ContentDocumentId FROM ContentVersion WHERE Id IN (${ids.join(',')})`
    const answer = await org.send({ method: 'GET', path: `query?q=${encodeURIComponent(soql)}` })
    const { records } = await answer.json<{ records: readonly { Id: string; ContentDocumentId: string }[] }>()
    for (const { Id, ContentDocumentId } of records) found.set(Id, ContentDocumentId)
  }
  return found
}

async function takeBack(
  org: Org,
  refused: ReadonlyMap<FileToLink, string>,
  documents: ReadonlyMap<string, string>,
  tools: CallTools,
): Promise<readonly (readonly [FileToLink, RowVerdict])[]> {
  const fresh = [...refused.keys()].filter(({ isNew }) => isNew)
  const ids = fresh.map(({ version }) => [documents.get(version) ?? ''])
  const answers = ids.length === 0 ? [] : await write(org, 'delete', 'ContentDocument', ['Id'], ids, tools)
  const gone = new Set(answers.flatMap(({ row, verdict }) => (verdict === 'accepted' ? [fresh[row]!] : [])))
  return [...refused].map(([file, text]) => {
    if (gone.has(file)) return [file, { verdict: 'rejected', id: '', error: `${text}; the file was taken back)` }]
    const error = `${text}; the file is stored as ${file.version})`
    return [file, { verdict: 'rejected', id: file.version, error }]
  })
}

/** Writes any number of rows; the answers have their places. */
async function write(
  org: Org,
  operation: 'insert' | 'delete',
  objectName: string,
  fields: readonly string[],
  rows: readonly (readonly string[])[],
  tools: CallTools,
): Promise<readonly PlacedResult[]> {
  const object = await org.describe(objectName)
  const shape = { call: findSoapCall(operation), object, columns: findColumns(fields, object) }
  const answers: PlacedResult[] = []
  for (let start = 0; start < rows.length; start += mostRows) {
    const part = rows.slice(start, start + mostRows)
    const told = await writeRows(org, { shape, rows: part, headers: '', key: '' })
    answers.push(...told.map((answer) => ({ ...answer, row: answer.row + start })))
  }
  return answers
}

import { createHash } from 'node:crypto'
import { fetchQueryPages } from '../extract/rest-pages.ts'
import type { Part } from '../load/part.ts'
import type { PlacedResult } from '../load/transport.ts'
import type { Org } from '../org/org.ts'
import { pieceKey } from '../runs/run-entries.ts'
import { findSoapCall } from '../soap/calls.ts'
import { findColumns } from '../soap/columns.ts'
import { askableCall, type FindWritten, type RowTrace } from '../soap/settle-call.ts'
import type { Links } from './manifest-rows.ts'
import { type RequestTools, sendRecorded } from './recorded-request.ts'

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
 * Links documents to records, and gives an answer for each row whose links are not all there. A link that was there
 * before, as those of an older version are and the one to the owner, is as good as one that was made now. A new file that cannot be
 * linked is taken back, so that its row can be mended and sent again without a second copy. Source: object reference,
 * ContentDocumentLink. Throws as `sendRecorded` does.
 */
export async function linkFiles(
  org: Org,
  files: readonly FileToLink[],
  part: Part,
  tools: RequestTools,
): Promise<readonly PlacedResult[] | 'held back'> {
  const documents = await findDocuments(org, files, tools.signal)
  const links = files.flatMap((file) => file.links.records.map((record) => ({ file, record })))
  const rows = links.map(({ file, record }) => {
    const { shareType, visibility } = file.links
    return [documents.get(file.version) ?? '', record, shareType || 'V', visibility]
  })
  const linked = await write(org, { ...linkTable, rows }, { part, round: 2, tools })
  if (linked === 'held back') return linked
  const present = await findPresent(org, rows, linked, tools.signal)
  const refused = new Map<FileToLink, PlacedResult & { readonly record: string }>()
  for (const answer of linked) {
    const { file, record } = links[answer.row]!
    const isWorse = answer.verdict === 'unknown' || !refused.has(file)
    if (answer.verdict !== 'accepted' && !present.has(answer.row) && isWorse) refused.set(file, { ...answer, record })
  }
  return await takeBack(org, refused, documents, { part, round: 3, tools })
}

/** Records of one object that are written by calls of their own. */
interface Table {
  readonly operation: 'insert' | 'delete'
  readonly object: string
  readonly fields: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

interface WriteTools {
  readonly part: Part
  /** Of the pieces' names. */
  readonly round: number
  readonly tools: RequestTools
}

const linkTable = {
  operation: 'insert',
  object: 'ContentDocumentLink',
  fields: ['ContentDocumentId', 'LinkedEntityId', 'ShareType', 'Visibility'],
} as const
const mostRows = 200

/** Documents by the Id of their version, those that an earlier process of the run took back among them. */
async function findDocuments(
  org: Org,
  files: readonly FileToLink[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const versions = files.map(({ version }) => version)
  const found = new Map<string, string>()
  for await (const { Id, ContentDocumentId } of findRecords(org, 'Id, ContentDocumentId', 'ContentVersion', versions, {
    by: 'Id',
    signal,
  })) {
    found.set(String(Id), String(ContentDocumentId))
  }
  return found
}

/** Places of the links that were refused because a document is linked to a record once. */
async function findPresent(
  org: Org,
  rows: readonly (readonly string[])[],
  answers: readonly PlacedResult[],
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const repeated = answers.filter(
    ({ verdict, error }) => verdict === 'rejected' && error.startsWith('DUPLICATE_VALUE:'),
  )
  if (repeated.length === 0) return new Set()
  const asked = repeated.map(({ row }) => rows[row]!)
  const traces = await findLinks(org, asked, signal)
  return new Set(repeated.flatMap(({ row }, index) => (traces[index]?.state === 'written' ? [row] : [])))
}

async function takeBack(
  org: Org,
  refused: ReadonlyMap<FileToLink, PlacedResult & { readonly record: string }>,
  documents: ReadonlyMap<string, string>,
  tools: WriteTools,
): Promise<readonly PlacedResult[] | 'held back'> {
  const fresh = [...refused].flatMap(([file, { verdict }]) => (file.isNew && verdict !== 'unknown' ? [file] : []))
  const rows = fresh.map(({ version }) => [documents.get(version) ?? ''])
  const answers = await write(org, { operation: 'delete', object: 'ContentDocument', fields: ['Id'], rows }, tools)
  if (answers === 'held back') return answers
  const gone = new Set(answers.flatMap(({ row, verdict }) => (verdict === 'accepted' ? [fresh[row]!] : [])))
  return [...refused].map(([file, { verdict, error, record }]): PlacedResult => {
    const { row, version } = file
    const answer = { row, created: false }
    if (verdict === 'unknown') {
      const text = `the file is stored as ${version}, and whether it is linked to ${record} is not known: ${error}`
      return { ...answer, verdict, id: version, error: text }
    }
    const text = `${error} (link to ${record}`
    if (gone.has(file)) return { ...answer, verdict: 'rejected', id: '', error: `${text}; the file was taken back)` }
    return { ...answer, verdict: 'rejected', id: version, error: `${text}; the file is stored as ${version})` }
  })
}

/** Writes any number of rows, 200 a call; the answers have their places. */
async function write(
  org: Org,
  { operation, object: name, fields, rows }: Table,
  { part, round, tools }: WriteTools,
): Promise<readonly PlacedResult[] | 'held back'> {
  const object = await org.describe(name)
  const shape = { call: findSoapCall(operation), object, columns: findColumns(fields, object) }
  const find: FindWritten = ({ rows: asked }) =>
    operation === 'insert' ? findLinks(org, asked, tools.signal) : findGone(org, asked, tools.signal)
  const answers: PlacedResult[] = []
  for (let start = 0; start < rows.length; start += mostRows) {
    const call = { shape, rows: rows.slice(start, start + mostRows), headers: '', key: '' }
    const digest = createHash('sha256').update(JSON.stringify(call.rows)).digest('hex')
    const request = {
      key: pieceKey(part.number, round, start / mostRows + 1),
      measure: { ...part, digest },
      rows: askableCall(org, call, find, undefined),
    }
    const told = await sendRecorded(request, tools)
    if (told === 'held back') return told
    answers.push(...told.map((answer) => ({ ...answer, row: answer.row + start })))
  }
  return answers
}

/** A document is linked to a record once: whoever did it, there is nothing left to do. */
async function findLinks(
  org: Org,
  rows: readonly (readonly string[])[],
  signal: AbortSignal,
): Promise<readonly RowTrace[]> {
  const keyOf = (document = '', record = '') => `${document.slice(0, 15)} ${record.slice(0, 15)}`
  const found = new Map<string, string>()
  const fields = 'Id, ContentDocumentId, LinkedEntityId, IsDeleted'
  const documents = rows.map(([document = '']) => document)
  const by = { by: 'ContentDocumentId', signal }
  for await (const link of findRecords(org, fields, 'ContentDocumentLink', documents, by)) {
    if (link.IsDeleted === true) continue
    found.set(keyOf(String(link.ContentDocumentId), String(link.LinkedEntityId)), String(link.Id))
  }
  return rows.map(([document, record]) => {
    const id = found.get(keyOf(document, record))
    return id === undefined ? { state: 'absent' } : { state: 'written', id, created: true }
  })
}

async function findGone(
  org: Org,
  rows: readonly (readonly string[])[],
  signal: AbortSignal,
): Promise<readonly RowTrace[]> {
  const gone = new Set<string>()
  const documents = rows.map(([document = '']) => document)
  const by = { by: 'Id', signal }
  for await (const { Id, IsDeleted } of findRecords(org, 'Id, IsDeleted', 'ContentDocument', documents, by)) {
    if (IsDeleted === true) gone.add(String(Id))
  }
  return documents.map((id) => (gone.has(id) ? { state: 'written', id, created: false } : { state: 'absent' }))
}

/** Records by Ids, deleted ones as well. */
async function* findRecords(
  org: Org,
  fields: string,
  object: string,
  ids: readonly string[],
  { by, signal }: { readonly by: string; readonly signal: AbortSignal },
) {
  const distinct = [...new Set(ids)].filter((id) => id !== '')
  for (let start = 0; start < distinct.length; start += mostRows) {
    const list = distinct.slice(start, start + mostRows).map((id) => `'${id}'`)
    const soql = `SELECT ${fields} FROM ${object} WHERE ${by} IN (${list.join(',')})`
    for await (const { records } of fetchQueryPages(org, { soql, all: true }, signal)) yield* records
  }
}

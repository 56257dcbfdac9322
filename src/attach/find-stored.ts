import { createHash } from 'node:crypto'
import { fetchQueryPages, type JsonRecord } from '../extract/rest-pages.ts'
import { fetchUserId } from '../org/fetch-user-id.ts'
import type { Org } from '../org/org.ts'
import { findOrgTime } from '../org/org-time.ts'
import { serviceNull } from '../service-null.ts'
import type { RowTrace } from '../soap/settle-call.ts'
import { readFile } from './local-file.ts'
import type { StoreKind } from './manifest-object.ts'
import type { RowToSend } from './manifest-rows.ts'
import type { StoredIds } from './stored-ids.ts'

export interface FindTools {
  readonly org: Org
  readonly kind: StoreKind
  /** Names of the cells of a row. */
  readonly columns: readonly string[]
  /** Records that are known to be of other rows. */
  readonly stored: StoredIds
  readonly signal: AbortSignal
}

/**
 * What the org shows of rows that were to store new files: records of this user that were created since a moment (milliseconds
 * since 1970, by this machine's clock) and that no other row is known to have, with the name and the place that the row says
 * and as many bytes as its file; of a file also with its checksum. Rows that are the same in all that is theirs to the last
 * file share what is found. Throws what `Org.send` throws.
 */
export async function findStored(
  rows: readonly RowToSend[],
  since: number,
  tools: FindTools,
): Promise<readonly RowTrace[]> {
  const { stored } = tools
  const found = await fetchCreated(since, tools)
  const groups = new Map<string, { readonly marks: readonly Mark[]; readonly members: number[] }>()
  for (const [row, content] of rows.entries()) {
    const marks = await findMarks(content, tools)
    const name = JSON.stringify(marks)
    const group = groups.get(name) ?? { marks, members: [] }
    group.members.push(row)
    groups.set(name, group)
  }

  const traces: RowTrace[] = rows.map(() => ({ state: 'absent' }))
  for (const { marks, members } of groups.values()) {
    const ids = found.filter((record) => marks.every((mark) => hasMark(record, mark))).map(({ Id }) => String(Id))
    const free = ids.filter((id) => !stored.has(id)).sort()
    if (free.length === 0) continue
    const isShared = stored.isShared(roughName(rows[members[0]!]!, tools)) || free.length > members.length
    const isSure = !isShared && (free.length === members.length || areSame(members.map((row) => rows[row]!)))
    for (const [index, row] of members.entries()) {
      const id = free[index]
      if (!isSure) traces[row] = untold
      else if (id !== undefined) traces[row] = { state: 'written', id, created: true }
    }
    if (isSure) for (const id of free.slice(0, members.length)) stored.add(id)
  }
  return traces
}

/** What a row says of its file, without reading it: rows that say different things cannot be taken for each other. */
export function roughName(row: RowToSend, told: Pick<FindTools, 'kind' | 'columns'>): string {
  return JSON.stringify(saidOf(row, told))
}

const untold: RowTrace = {
  state: 'untold',
  reason: 'the answer to its call was lost, and other rows have a file of the same name, place and size',
}

/** A field by which a record is known, and its value. */
type Mark = readonly [field: string, value: string | number]

/** Fields by which a record is known. Source: object reference, Attachment and ContentVersion ("Checksum": MD5, in hex). */
const told = {
  Attachment: { words: ['ParentId', 'Name'], size: 'BodyLength', checksum: undefined },
  ContentVersion: {
    words: ['PathOnClient', 'Title', 'FirstPublishLocationId', 'ContentDocumentId'],
    size: 'ContentSize',
    checksum: 'Checksum',
  },
} as const

/** Name, place and size. */
function saidOf(row: RowToSend, { kind, columns }: Pick<FindTools, 'kind' | 'columns'>): readonly Mark[] {
  const { words, size } = told[kind.object]
  const cell = cellReader(row, columns)
  const said = words.flatMap((field): Mark[] => (cell(field) === '' ? [] : [[field, spell(field, cell(field))]]))
  return [...said, [size, bytesOf(row, cell(kind.body))]]
}

async function findMarks(row: RowToSend, tools: FindTools): Promise<readonly Mark[]> {
  const { checksum } = told[tools.kind.object]
  const body = cellReader(row, tools.columns)(tools.kind.body)
  const sum = checksum === undefined ? [] : [[checksum, await checksumOf(row, body)] as const]
  return [...saidOf(row, tools), ...sum]
}

function hasMark(record: JsonRecord, [field, value]: Mark): boolean {
  return typeof value === 'number' ? Number(record[field]) === value : spell(field, String(record[field])) === value
}

/** The first 15 characters of an Id say which it is. */
function spell(field: string, text: string): string {
  return field.endsWith('Id') ? text.trim().slice(0, 15) : text.trim()
}

function cellReader({ cells }: RowToSend, columns: readonly string[]): (name: string) => string {
  return (name) => {
    const text = cells[columns.indexOf(name)] ?? ''
    return text === serviceNull ? '' : text
  }
}

function bytesOf({ file }: RowToSend, body: string): number {
  return file?.size ?? Buffer.from(body, 'base64').length
}

async function checksumOf({ file }: RowToSend, body: string): Promise<string> {
  const hash = createHash('md5')
  if (file === undefined) hash.update(Buffer.from(body, 'base64'))
  else for await (const piece of readFile(file)) hash.update(piece)
  return hash.digest('hex')
}

/** Whether rows store the same file with the same words: which of them has which record makes no difference. */
function areSame(rows: readonly RowToSend[]): boolean {
  const texts = rows.map(({ cells, file, links }) => JSON.stringify([cells, file?.path, links]))
  return new Set(texts).size === 1
}

async function fetchCreated(since: number, { org, kind, signal }: FindTools): Promise<readonly JsonRecord[]> {
  const { from } = await findOrgTime(org, since)
  const user = await fetchUserId(org, signal)
  const { words, size, checksum } = told[kind.object]
  const fields = ['Id', 'CreatedById', ...words, size, ...(checksum === undefined ? [] : [checksum])].join(', ')
  const soql = `SELECT ${fields} FROM ${kind.object} WHERE CreatedDate >= ${new Date(from).toISOString()}`
  const found: JsonRecord[] = []
  for await (const { records } of fetchQueryPages(org, { soql, all: false }, signal)) {
    const isMine = ({ CreatedById }: JsonRecord) => user === undefined || String(CreatedById).startsWith(user)
    found.push(...records.filter(isMine))
  }
  return found
}

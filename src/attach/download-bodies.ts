import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { ApiError, UsageError } from '../errors.ts'
import { type Column, cellText, findColumns } from '../extract/rest-columns.ts'
import { fetchQueryPages, type JsonRecord } from '../extract/rest-pages.ts'
import { inOrder } from '../load/in-order.ts'
import type { Org } from '../org/org.ts'
import { completeQuery } from './download-query.ts'
import { fetchBody } from './fetch-body.ts'
import { FileNames, makeSafeName } from './file-names.ts'
import { ListFile } from './list-file.ts'

export interface DownloadTools {
  readonly org: Org
  readonly parallelCalls: number
  readonly signal: AbortSignal
  /** Told after each file. */
  readonly onFile: (files: number, bytes: number, total: number) => void
}

/** What came of a download. */
export interface DownloadSummary {
  readonly files: number
  readonly bytes: number
  /** Records whose body the service refused. */
  readonly failed: number
  /** Paths; null where there is none: of a list without a row. */
  readonly manifest: string | null
  readonly errors: string | null
}

/**
 * Writes the bodies of the records that a query finds to files in a folder, and a manifest that `attach` takes. No file that
 * is there is overwritten. While it works the manifest is called `<manifest>.partial`, and that is what is left when it breaks
 * off. Throws `UsageError` for a query whose records have no body, and what the org throws.
 */
export async function downloadBodies(soql: string, folder: string, tools: DownloadTools): Promise<DownloadSummary> {
  const names = await openFolder(folder)
  const manifest = new ListFile(join(folder, names.take('manifest.csv')))
  const errors = new ListFile(join(folder, names.take('manifest.errors.csv')))
  let files = 0
  let bytes = 0
  let failed = 0
  try {
    for await (const fetched of inOrder(findBodies(soql, names, tools), tools.parallelCalls, (body) =>
      fetchOne(body, folder, tools),
    )) {
      const { body, size, error } = fetched
      const cells = body.columns.map((column) => cellText(body.record, column))
      const header = body.columns.map(spellHeader)
      if (error === undefined) {
        await manifest.write([...header, `${body.field}_FileURL`], [...cells, body.name])
        files++
        bytes += size
      } else {
        await errors.write([...header, 'sf__Id', 'sf__Error'], [...cells, body.id, error])
        failed++
      }
      tools.onFile(files, bytes, body.total)
    }
    return {
      files,
      bytes,
      failed,
      manifest: files > 0 ? await manifest.complete() : null,
      errors: failed > 0 ? await errors.complete() : null,
    }
  } finally {
    await manifest.close()
    await errors.close()
  }
}

/**
 * A parent's field is for people: `Parent/Name`, which a load leaves alone, and not `Parent.Name`, which would say by which
 * key a parent is to be found.
 */
function spellHeader({ path, name }: Column): string {
  return path.length > 1 ? path.join('/') : name
}

/** A body that is to be fetched. */
interface Body {
  readonly record: JsonRecord
  readonly id: string
  readonly path: string
  readonly field: string
  readonly name: string
  readonly columns: readonly Column[]
  /** Records of the query. */
  readonly total: number
}

async function* findBodies(soql: string, names: FileNames, { org, signal }: DownloadTools): AsyncGenerator<Body> {
  const question = await completeQuery(soql)
  let columns: readonly Column[] | undefined
  for await (const page of fetchQueryPages(org, { soql: question.soql, all: false }, signal)) {
    for (const record of page.records) {
      const { type, id } = identify(record)
      const field = await findBodyField(org, type)
      columns ??= findColumns(question.query, record).filter(({ name }) => name.toLowerCase() !== field.toLowerCase())
      const name = names.take(makeSafeName(nameOf(record), id))
      const path = `sobjects/${type}/${id}/${field}`
      yield { record, id, path, field, name, columns, total: page.totalSize }
    }
  }
}

async function fetchOne(body: Body, folder: string, { org, signal }: DownloadTools) {
  try {
    signal.throwIfAborted()
    return { body, size: await fetchBody(org, body.path, join(folder, body.name), signal), error: undefined }
  } catch (error) {
    // What the service says of one body; anything else would be said of the next one, too.
    const isOwn = error instanceof ApiError && [400, 403, 404].includes(error.status) && error.exit !== 'unfinished'
    if (!isOwn) throw error
    return { body, size: 0, error: error.message }
  }
}

/** `…/sobjects/Attachment/00P…` */
function identify(record: JsonRecord): { readonly type: string; readonly id: string } {
  const { attributes } = record
  const url = typeof attributes === 'object' && attributes !== null && 'url' in attributes ? attributes.url : undefined
  const { type, id } = /\/sobjects\/(?<type>\w+)\/(?<id>\w+)$/.exec(String(url ?? ''))?.groups ?? {}
  if (type !== undefined && id !== undefined) return { type, id }
  throw new UsageError('the rows of the query are no records', {
    code: 'NO_BODIES',
    hint: 'select records of Attachment or ContentVersion: SELECT Id FROM Attachment WHERE …',
  })
}

async function findBodyField(org: Org, type: string): Promise<string> {
  const field = (await org.describe(type)).fields.find((each) => each.type === 'base64')
  if (field !== undefined) return field.name
  throw new UsageError(`${type} has no bodies`, {
    code: 'NO_BODIES',
    hint: 'select from Attachment, or from ContentVersion for files',
  })
}

function nameOf(record: JsonRecord): string {
  const text = (name: string) => cellText(record, { name, path: [name] })
  const path = text('PathOnClient').replace(/^.*[\\/]/, '')
  return path || text('Name') || text('Title')
}

async function openFolder(folder: string): Promise<FileNames> {
  try {
    await mkdir(folder, { recursive: true })
    const there = await readdir(folder)
    return new FileNames(there.flatMap((name) => [name, name.replace(/\.partial$/, '')]))
  } catch (cause) {
    throw new UsageError(`cannot write into ${folder}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'UNWRITABLE_OUTPUT',
      hint: 'name another folder with --to',
      cause,
    })
  }
}

import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fetchBody } from '../attach/fetch-body.ts'
import { ApiError } from '../errors.ts'
import { inOrder } from '../load/in-order.ts'
import { quoteName } from '../sqlite/database.ts'
import type { KeptFiles, SyncObject } from './sync-object.ts'
import type { SyncTools } from './sync-tools.ts'
import { editsTable } from './triggers.ts'

/**
 * Fetches the contents of files that are wanted, one call each, and writes their paths into the table; files of records that
 * are gone are taken away. A content is complete before it takes the place of an older one. Returns their number.
 *
 * What the service refuses is told, and asked for again by the next pull. Throws what the org throws.
 */
export async function fetchFiles(tools: SyncTools, object: SyncObject): Promise<number> {
  const { files } = object
  if (files === undefined) return 0
  await removeGone(tools, object)
  wantMissing(tools, object, files)
  let fetched = 0
  const wanted = listWanted(tools, object, files)
  for await (const { content, bytes, error } of inOrder(wanted, parallelCalls, (each) => fetchOne(tools, each))) {
    noteFetched(tools, object, content, bytes, error)
    if (error === undefined) fetched += 1
    else
      tools.report({ type: 'note', text: `${object.name} ${content.id}: ${content.field} was not fetched: ${error}` })
  }
  return fetched
}

/** A row may have come another way than by a query that tells its time: a sweep found it missing. */
function wantMissing({ file }: SyncTools, { name }: SyncObject, files: KeptFiles): void {
  for (const field of files.fields) {
    file
      .sql(
        `INSERT OR IGNORE INTO sfbulk_files (object, id, field, wanted) ` +
          `SELECT ?, "Id", ?, '' FROM ${quoteName(name)} WHERE "Id" NOT LIKE 'local:%'`,
      )
      .run([name, field])
  }
}

const parallelCalls = 4

/** One content that is to be fetched. */
interface Content {
  readonly id: string
  readonly field: string
  readonly version: string
  /** Where it is in the org, and on disk, against the folder of the sync file. */
  readonly source: string
  readonly path: string
}

/** A thousand at a time, so that memory does not grow with their number. */
async function* listWanted({ file, report }: SyncTools, object: SyncObject, files: KeptFiles): AsyncGenerator<Content> {
  let after: readonly string[] = ['', '']
  const name = object.fields.find((field) => namesOfFiles.has(field.name))
  const column = name === undefined ? 'NULL' : `own.${quoteName(name.name)}`
  for (;;) {
    const rows = file
      .sql(
        `SELECT kept.id, field, wanted, path, ${column} FROM sfbulk_files AS kept ` +
          `JOIN ${quoteName(object.name)} AS own ON own."Id" = kept.id WHERE object = ? ` +
          'AND wanted IS NOT fetched AND (kept.id, field) > (?, ?) ORDER BY kept.id, field LIMIT 1000',
      )
      .rows([object.name, ...after])
      .map((row) => row.map((value) => (value === null ? '' : String(value))))
    if (rows.length > 0) report({ type: 'step', object: object.name, step: 'files' })
    for (const [id = '', field = '', version = '', known = '', fileName = ''] of rows) {
      const path = known || join(files.folder, nameFile(id, field, fileName, files))
      yield { id, field, version, source: `sobjects/${object.name}/${id}/${field}`, path }
      after = [id, field]
    }
    if (rows.length < 1000) return
  }
}

/** Fields that end in the extension of the file. */
const namesOfFiles: ReadonlySet<string> = new Set(['PathOnClient', 'Name', 'Title'])

/** By the Id, which no other has; the extension tells other programs what it is. */
function nameFile(id: string, field: string, fileName: string, { fields }: KeptFiles): string {
  const extension = /\.[A-Za-z0-9]{1,10}$/.exec(fileName)?.[0] ?? ''
  return fields.length > 1 ? `${id}-${field}${extension}` : `${id}${extension}`
}

async function fetchOne({ file, org, signal }: SyncTools, content: Content) {
  const target = join(dirname(file.path), content.path)
  const partial = `${target}.partial`
  await mkdir(dirname(target), { recursive: true })
  await rm(partial, { force: true })
  try {
    signal.throwIfAborted()
    const bytes = await fetchBody(org, content.source, partial, signal)
    await rename(partial, target)
    return { content, bytes, error: undefined }
  } catch (error) {
    // What the service says of one content; anything else would be said of the next one, too.
    const isOwn = error instanceof ApiError && [400, 403, 404].includes(error.status) && error.exit !== 'unfinished'
    if (!isOwn) throw error
    return { content, bytes: 0, error: error.message }
  }
}

function noteFetched(
  { file }: SyncTools,
  object: SyncObject,
  { id, field, version, path }: Content,
  bytes: number,
  error: string | undefined,
): void {
  file.apply(() => {
    const key = [object.name, id, field]
    if (error !== undefined) {
      file.sql('UPDATE sfbulk_files SET error = ? WHERE object = ? AND id = ? AND field = ?').run([error, ...key])
      return
    }
    file
      .sql(
        'UPDATE sfbulk_files SET fetched = ?, path = ?, bytes = ?, error = NULL WHERE object = ? AND id = ? AND field = ?',
      )
      .run([version, path, bytes, ...key])
    file.sql(`UPDATE ${quoteName(object.name)} SET ${quoteName(field)} = ? WHERE "Id" = ?`).run([path, id])
  })
}

/** A record whose deletion has not been sent yet keeps its file. */
async function removeGone({ file }: SyncTools, object: SyncObject): Promise<void> {
  const gone =
    `object = ? AND id NOT IN (SELECT "Id" FROM ${quoteName(object.name)}) ` +
    `AND id NOT IN (SELECT _id FROM ${quoteName(editsTable(object))})`
  const paths = file.sql(`SELECT path FROM sfbulk_files WHERE path IS NOT NULL AND ${gone}`).rows([object.name])
  for (const [path] of paths) await rm(join(dirname(file.path), String(path)), { force: true })
  file.sql(`DELETE FROM sfbulk_files WHERE ${gone}`).run([object.name])
}

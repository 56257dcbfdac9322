import { createHash } from 'node:crypto'
import { extname } from 'node:path'
import type { SqlValue } from './database.ts'
import type { WriteContext } from './dml-context.ts'
import type { WritePlan } from './dml-plan.ts'
import { requireObject } from './seed.ts'
import { insertSystemRecord } from './system-records.ts'

/**
 * What a new ContentVersion brings with it: its document (or the next version of one), links from the document to its
 * owner and to the record it was first published at, and facts about the body. Other records come back as they are.
 * Source: object reference, ContentVersion.
 */
export function storeFile(
  context: WriteContext,
  plan: WritePlan,
  id: string,
  values: readonly SqlValue[],
): readonly SqlValue[] {
  if (plan.object.name !== 'ContentVersion') return values
  const get = (name: string): SqlValue => values[plan.positions.get(name) ?? -1] ?? null
  const facts = describeBody(String(get('PathOnClient') ?? get('Title') ?? ''), String(get('VersionData') ?? ''))
  const title = get('Title') === null || get('Title') === id ? facts.title : get('Title')
  const document = get('ContentDocumentId') ?? createDocument(context, id, title, get('OwnerId'), facts)
  const version = nextVersion(context, document)
  const { ContentSize, FileExtension, FileType } = facts
  const latest = { LatestPublishedVersionId: id, Title: title, ContentSize, FileExtension, FileType }
  const changes = Object.keys(latest).map((name) => `${name} = ?`)
  context
    .prepare(`UPDATE ContentDocument SET ${changes.join(', ')} WHERE Id = ?`)
    .run([...Object.values(latest), document])
  const { title: _, ...stored } = facts
  const added: Record<string, SqlValue> = {
    ...stored,
    Title: title,
    ContentDocumentId: document,
    VersionNumber: String(version),
    IsLatest: 1,
    ContentModifiedDate: context.now,
  }
  if (version === 1) linkDocument(context, document, get('FirstPublishLocationId'), get('OwnerId'))
  return plan.targets.map(({ name }, target) => added[name] ?? values[target] ?? null)
}

interface BodyFacts {
  readonly title: string
  readonly ContentSize: number
  readonly FileExtension: string
  readonly FileType: string
  readonly Checksum: string
}

function describeBody(path: string, body: string): BodyFacts {
  const bytes = Buffer.from(body, 'base64')
  const name = path.replace(/^.*[\\/]/, '')
  const extension = extname(name).slice(1)
  return {
    title: extension === '' ? name : name.slice(0, -extension.length - 1),
    ContentSize: bytes.length,
    FileExtension: extension,
    FileType: (extension || 'unknown').toUpperCase(),
    Checksum: createHash('md5').update(bytes).digest('hex'),
  }
}

function createDocument(
  context: WriteContext,
  version: string,
  title: SqlValue,
  owner: SqlValue,
  facts: BodyFacts,
): string {
  return insertSystemRecord(context, requireObject(context.schema, 'ContentDocument'), {
    Title: title,
    OwnerId: owner,
    PublishStatus: 'P',
    LatestPublishedVersionId: version,
    ContentSize: facts.ContentSize,
    FileType: facts.FileType,
    FileExtension: facts.FileExtension,
    ContentModifiedDate: context.now,
  })
}

/** Number of the version that is about to be stored; those before it are no longer the latest. */
function nextVersion(context: WriteContext, document: SqlValue): number {
  context
    .prepare('UPDATE ContentVersion SET IsLatest = 0 WHERE ContentDocumentId = ? AND IsDeleted = 0')
    .run([document])
  const count = 'SELECT count(*) FROM ContentVersion WHERE ContentDocumentId = ? AND IsDeleted = 0'
  return Number(context.prepare(count).rows([document])[0]?.[0]) + 1
}

function linkDocument(context: WriteContext, document: SqlValue, location: SqlValue, owner: SqlValue): void {
  const link = requireObject(context.schema, 'ContentDocumentLink')
  const entities = new Set([owner, location].filter((entity) => entity !== null))
  for (const entity of entities) {
    const ShareType = entity === owner ? 'I' : 'V'
    const values = { LinkedEntityId: entity, ContentDocumentId: document, ShareType, Visibility: 'AllUsers' }
    insertSystemRecord(context, link, values)
  }
}

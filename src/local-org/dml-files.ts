import { extname } from 'node:path'
import type { SqlValue } from '../sqlite/database.ts'
import { RowFault } from '../values/row-error.ts'
import { checksumOfBody, sizeOfBody } from './bodies.ts'
import type { WriteContext } from './dml-context.ts'
import type { RecordRule } from './record-rule.ts'
import { insertSystemRecord, requireObject } from './system-records.ts'

/** Facts about the body of a file. Source: object reference, ContentVersion. */
export const contentVersionRule: RecordRule = {
  object: 'ContentVersion',
  fields: [
    'Title',
    'PathOnClient',
    'VersionData',
    'ContentDocumentId',
    'FirstPublishLocationId',
    'OwnerId',
    'ContentSize',
    'FileExtension',
    'FileType',
    'Checksum',
    'ContentModifiedDate',
    'VersionNumber',
    'IsLatest',
  ],
  apply(draft) {
    if (!draft.isNew || draft.get('VersionData') === null) return
    if (draft.get('PathOnClient') === null) {
      throw new RowFault('REQUIRED_FIELD_MISSING', 'Required fields are missing: [PathOnClient]', 'PathOnClient')
    }
    const body = String(draft.get('VersionData'))
    const name = String(draft.get('PathOnClient')).replace(/^.*[\\/]/, '')
    const extension = extname(name).slice(1)
    const title = extension === '' ? name : name.slice(0, -extension.length - 1)
    if (draft.get('Title') === null && title !== '') draft.set('Title', title)
    draft.set('ContentSize', sizeOfBody(body))
    draft.set('FileExtension', extension)
    draft.set('FileType', (extension || 'unknown').toUpperCase())
    draft.set('Checksum', checksumOfBody(body))
    draft.set('ContentModifiedDate', draft.now)
    draft.set('IsLatest', 1)
  },
}

/** A new ContentVersion by its fields. */
export interface NewVersion {
  get(field: string): SqlValue
  set(field: string, value: SqlValue): void
}

/**
 * What a new ContentVersion brings with it: its document, or the next version of one, and links from the document to its
 * owner and to the record it was first published at.
 */
export function storeFile(context: WriteContext, id: string, version: NewVersion): void {
  const isFirst = version.get('ContentDocumentId') === null
  if (isFirst) version.set('ContentDocumentId', createDocument(context, version))
  const document = version.get('ContentDocumentId')
  context
    .prepare('UPDATE ContentVersion SET IsLatest = 0 WHERE ContentDocumentId = ? AND IsDeleted = 0')
    .run([document])
  const count = 'SELECT count(*) FROM ContentVersion WHERE ContentDocumentId = ? AND IsDeleted = 0'
  version.set('VersionNumber', String(Number(context.prepare(count).rows([document])[0]?.[0]) + 1))
  const copied = ['Title', 'ContentSize', 'FileExtension', 'FileType', 'ContentModifiedDate']
  const changes = copied.map((name) => `, ${name} = ?`).join('')
  context
    .prepare(`UPDATE ContentDocument SET LatestPublishedVersionId = ?${changes} WHERE Id = ?`)
    .run([id, ...copied.map((name) => version.get(name)), document])
  if (isFirst) linkDocument(context, document, version)
}

/** A document is linked to a record once, whoever did it. Throws a `RowFault` in the words of recorded answers. */
export function refuseSecondLink(context: WriteContext, link: Pick<NewVersion, 'get'>): void {
  const document = link.get('ContentDocumentId')
  const entity = link.get('LinkedEntityId')
  const sql = 'SELECT 1 FROM ContentDocumentLink WHERE ContentDocumentId = ? AND LinkedEntityId = ? AND IsDeleted = 0'
  if (context.prepare(sql).rows([document, entity]).length === 0) return
  const [documentId, entityId] = [document, entity].map((id) => String(id).slice(0, 15))
  const message = `Document with ID: ${documentId} is already linked with the entity with ID: ${entityId}`
  throw new RowFault('DUPLICATE_VALUE', message, 'LinkedEntityId')
}

function createDocument(context: WriteContext, version: NewVersion): string {
  const values = { Title: version.get('Title'), OwnerId: version.get('OwnerId'), PublishStatus: 'P' }
  return insertSystemRecord(context, requireObject(context.schema, 'ContentDocument'), values)
}

function linkDocument(context: WriteContext, document: SqlValue, version: NewVersion): void {
  const link = requireObject(context.schema, 'ContentDocumentLink')
  const owner = version.get('OwnerId')
  const entities = new Set([owner, version.get('FirstPublishLocationId')].filter((entity) => entity !== null))
  for (const entity of entities) {
    const ShareType = entity === owner ? 'I' : 'V'
    const values = { LinkedEntityId: entity, ContentDocumentId: document, ShareType, Visibility: 'AllUsers' }
    insertSystemRecord(context, link, values)
  }
}

import { quoteName } from '../sqlite/database.ts'
import type { StagedRows } from './stage-rows.ts'
import type { SyncFile } from './sync-file.ts'
import type { SyncObject } from './sync-object.ts'

/**
 * Notes of which of the rows that were read the content of a file is to be fetched: the record was changed since it was fetched
 * last, or, where the table has its checksum, that. To be called within `apply`, so that a pull that breaks off before the
 * contents are there is made up for by the next one.
 */
export function wantFiles(file: SyncFile, { name, fields, files }: SyncObject, { table }: StagedRows): void {
  if (files === undefined) return
  const checksum = fields.find((field) => field.name === 'Checksum')
  const version = checksum === undefined ? "coalesce(_stamp, '')" : `coalesce(${quoteName(checksum.name)}, _stamp)`
  for (const field of files.fields) {
    file
      .sql(
        `INSERT INTO sfbulk_files (object, id, field, wanted) ` +
          `SELECT ?, "Id", ?, ${version} FROM ${table} WHERE NOT _deleted ` +
          'ON CONFLICT (object, id, field) DO UPDATE SET wanted = excluded.wanted',
      )
      .run([name, field])
  }
}

import type { Storage } from '../../sqlite/database.ts'
import { formatId } from '../../values/record-id.ts'

/** Ids of jobs, 750…, counted in the data file: no number is given twice, whichever process asks. */
export function createJobIds(storage: Storage): () => string {
  storage.exec('CREATE TABLE IF NOT EXISTS bulk_number (number INTEGER PRIMARY KEY AUTOINCREMENT)')
  const take = storage.prepare('INSERT INTO bulk_number DEFAULT VALUES')
  const forget = storage.prepare('DELETE FROM bulk_number WHERE number < ?')
  return () => {
    const number = Number(take.run([]).lastInsertRowid)
    forget.run([number])
    return formatId('750', number)
  }
}

import { inTransaction, type Storage } from '../sqlite/database.ts'
import type { Engine } from './engine.ts'

/**
 * Counts for each record how often it has been written, in the data file: a test can then tell that nothing was written
 * twice, whatever happened in between and in however many processes. A write that was undone does not count.
 */
export function withLedger(engine: Engine, storage: Storage): Engine {
  storage.exec('CREATE TABLE IF NOT EXISTS org_ledger (record TEXT PRIMARY KEY, writes INTEGER NOT NULL)')
  const add = storage.prepare('INSERT INTO org_ledger VALUES (?, 1) ON CONFLICT DO UPDATE SET writes = writes + 1')
  return {
    ...engine,
    write(request) {
      return inTransaction(storage, () => {
        const results = engine.write(request)
        for (const { id, error } of results) if (error === undefined) add.run([id])
        return results
      })
    },
  }
}

import { inTransaction, openDatabase, quoteName, type Storage, selectRows, statementCache } from '../sqlite/database.ts'
import { normalizeId } from '../values/record-id.ts'
import { dropAbandoned, dropStaged, readBody, stageBody } from './bodies.ts'
import { type PlanCache, writeChunk } from './dml.ts'
import { readColumns } from './dml-columns.ts'
import type { WriteContext } from './dml-context.ts'
import { type Engine, EngineError } from './engine.ts'
import { seedRecordTypes } from './record-types.ts'
import { findField, loadSchema } from './schema.ts'
import { createTables, sequenceTable } from './schema-tables.ts'
import { administratorId, seedOrg } from './seed.ts'
import { compileQuery } from './soql.ts'
import { runQuery } from './soql-result.ts'

export interface EngineOptions {
  /** Folder with describe answers (`*.json`) of further objects, or of built-in ones to replace. */
  readonly objectsFolder?: string | undefined
  /** Clock of audit fields and of date literals. */
  readonly now?: () => Date
}

/**
 * Opens the local org that is kept in a SQLite file, or makes it. A database that is open already is shared: the caller's
 * transactions then hold the engine's writes, and `close` leaves it open.
 */
export function openEngine(data: string | Storage, options: EngineOptions = {}): Engine {
  const { objectsFolder, now = () => new Date() } = options
  const storage = typeof data === 'string' ? openDatabase(data) : data
  const schema = loadSchema(objectsFolder)
  const prepare = statementCache(storage)
  const plans: PlanCache = new Map()

  function contextOf(userId: string): WriteContext {
    return { storage, schema, prepare, userId, now: `${now().toISOString().slice(0, 19)}.000Z` }
  }

  inTransaction(storage, () => {
    createTables(storage, schema)
    dropAbandoned(prepare)
    seedOrg(contextOf(administratorId))
    seedRecordTypes(contextOf(administratorId), schema)
  })

  return {
    objects: () => schema.objects,
    describe: (name) => schema.find(name),
    columns(name, _operation, names) {
      const object = schema.find(name)
      if (object === undefined) throw new EngineError('INVALID_TYPE', `sObject type '${name}' is not supported.`)
      return readColumns(schema, object, names)
    },
    write: (request) => writeChunk(contextOf(request.userId ?? administratorId), plans, request),
    query: (soql, { all, surface }) => runQuery(storage, compileQuery({ schema, soql, all, surface, now: now() })),
    blob(name, id, field) {
      const object = schema.find(name)
      const described = object && findField(object, field)
      return readBody(storage, normalizeId(id) ?? id, described?.name ?? field)
    },
    stageBody: (source) => stageBody(prepare, source),
    dropStaged: (body) => dropStaged(prepare, body),
    count(name) {
      const object = schema.find(name)
      if (object === undefined) return 0
      return Number(selectRows(storage, `SELECT count(*) FROM ${quoteName(object.name)} WHERE IsDeleted = 0`)[0]?.[0])
    },
    reset() {
      inTransaction(storage, () => {
        for (const table of listTables(storage)) storage.exec(`DELETE FROM ${quoteName(table)}`)
        seedOrg(contextOf(administratorId))
        seedRecordTypes(contextOf(administratorId), schema)
      })
    },
    close() {
      if (typeof data === 'string') storage.close()
    },
  }
}

/** Every table but the counters, so that an id never comes twice, and what identifies the org to its clients. */
function listTables(storage: Storage): string[] {
  const sql = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'org\\_%' ESCAPE '\\' AND name <> '${sequenceTable}'`
  return selectRows(storage, sql).map(([name]) => String(name))
}

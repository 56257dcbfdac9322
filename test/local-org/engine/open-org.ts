import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import type {
  CellValue,
  Engine,
  WriteOperation,
  WriteRequest,
  WriteResult,
  WriteValue,
} from '../../../src/local-org/engine.ts'
import { type EngineOptions, openEngine } from '../../../src/local-org/sqlite-engine.ts'
import { formatRowError } from '../../../src/values/row-error.ts'

/** An engine on a fresh file, with the calls that tests make most. */
export interface TestOrg {
  readonly engine: Engine
  readonly folder: string
  readonly file: string
  write(
    operation: WriteOperation,
    object: string,
    names: readonly string[],
    rows: readonly (readonly WriteValue[])[],
    more?: Partial<WriteRequest>,
  ): readonly WriteResult[]
  /** Inserts one record and returns its Id. */
  insert(object: string, values: Readonly<Record<string, WriteValue>>): string
  cells(soql: string, all?: boolean): CellValue[][]
  records(soql: string): Record<string, unknown>[]
}

export function openOrg(options: EngineOptions = {}): TestOrg {
  const folder = mkdtempSync(join(tmpdir(), 'engine-'))
  const file = join(folder, 'org.db')
  const engine = openEngine(file, options)
  onTestFinished(() => {
    engine.close()
    rmSync(folder, { recursive: true })
  })
  const write: TestOrg['write'] = (operation, object, names, rows, more = {}) =>
    engine.write({ object, operation, columns: engine.columns(object, operation, names), rows, ...more })
  return {
    engine,
    folder,
    file,
    write,
    insert(object, values) {
      const [result] = write('insert', object, Object.keys(values), [Object.values(values)])
      if (result === undefined || result.error !== undefined) throw new Error(JSON.stringify(result))
      return result.id
    },
    cells: (soql, all = false) => engine.query(soql, { all, surface: 'rest' }).cells(0, 100_000),
    records: (soql) => engine.query(soql, { all: false, surface: 'rest' }).records(0, 100_000, '66.0'),
  }
}

/** Code, message and fields of each row, as the Bulk API spells them; `ok` for rows that were written. */
export function spellResults(results: readonly WriteResult[]): string[] {
  return results.map(({ error }) => (error === undefined ? 'ok' : formatRowError(error)))
}

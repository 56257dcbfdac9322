import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isProcessAlive } from '../../src/is-process-alive.ts'

const prefix = 'sfbulk-tests-'
const outer = tmpdir()
let folder: string | undefined

/**
 * Gives all tests one folder for temporary files, which ends with them: what a test or a program that it kills leaves
 * behind goes, too. Workers and the processes that they start inherit it.
 */
export function setup(): void {
  removeAbandoned()
  folder = mkdtempSync(join(outer, `${prefix}${process.pid}-`))
  process.env.TMPDIR = folder
}

export function teardown(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
}

/** Those of test runs that were killed. */
function removeAbandoned(): void {
  for (const name of readdirSync(outer)) {
    const pid = name.startsWith(prefix) ? name.slice(prefix.length).split('-')[0] : undefined
    if (pid === undefined || isProcessAlive(pid)) continue
    try {
      rmSync(join(outer, name), { recursive: true, force: true })
    } catch {
      // Somebody else's.
    }
  }
}

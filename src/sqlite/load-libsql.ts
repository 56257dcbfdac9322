import { createRequire } from 'node:module'
import type Database from 'libsql'

/**
 * SQLite, loaded when a file is first opened: its native code takes 30 ms, and most commands that could need a file of their
 * own do not.
 */
export function loadLibsql(): typeof Database {
  loaded ??= createRequire(import.meta.url)('libsql') as typeof Database
  return loaded
}

let loaded: typeof Database | undefined

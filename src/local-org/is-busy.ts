/**
 * Whether an error of the database says that another process held it for longer than a writer waits. Nothing was
 * written then, and the same may be tried again.
 */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_BUSY')
}

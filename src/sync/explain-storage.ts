import { RunError } from '../errors.ts'

/** Does work with a file, and puts what SQLite says of it into our words where it is no fault of the program. */
export function explained<Result>(name: string, work: () => Result): Result {
  try {
    return work()
  } catch (error) {
    throw explainStorage(error, name)
  }
}

/** An error of SQLite that is not the program's fault, in our words; any other error as it is. */
export function explainStorage(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const code = String(error.code)
  if (/^error in (view|trigger|index) /.test(error.message)) return inTheWay(error, name)
  if (/^no such (table|column): /.test(error.message)) return goneMeanwhile(error, name)
  const known = Object.keys(reasons).find((prefix) => code === prefix || code.startsWith(`${prefix}_`))
  if (known === undefined) return error
  const { says, hint } = reasons[known]!
  return new RunError(`${name}: ${says} (${error.message})`, { code, hint, cause: error })
}

/** `checkTables` has found everything in its place when the work began. */
function goneMeanwhile(error: Error, name: string): RunError {
  return new RunError(`${name} was changed by another program while it was in use: ${error.message}`, {
    code: 'TABLE_CHANGED',
    hint: `sfbulk sync status ${name}`,
    cause: error,
  })
}

function inTheWay(error: Error, name: string): RunError {
  return new RunError(`${name}: a view, trigger or index of your own is in the way (${error.message})`, {
    code: 'SCHEMA_IN_USE',
    hint: 'drop it, do this once more, and make it anew',
    cause: error,
  })
}

/** By SQLite's result codes. Source: https://sqlite.org/rescode.html. */
const reasons: Readonly<Record<string, { readonly says: string; readonly hint: string }>> = {
  SQLITE_BUSY: {
    says: 'another program keeps the file locked',
    hint: 'let it end its transaction, and try again: nothing that was edited is lost',
  },
  SQLITE_CANTOPEN: { says: 'a file cannot be opened', hint: 'check the path, and the permissions of its folder' },
  SQLITE_CONSTRAINT: {
    says: 'the file does not take a row',
    hint: 'an index, a CHECK or a trigger of your own refuses it: change that, and try again',
  },
  SQLITE_CORRUPT: {
    says: 'the file is damaged',
    hint: 'go back to the last backup; what was edited since may be read out with `sqlite3 <file> .recover`',
  },
  SQLITE_FULL: { says: 'there is no space left on the disk', hint: 'make room and run the command again' },
  SQLITE_IOERR: { says: 'the disk reported an error', hint: 'check the disk' },
  SQLITE_READONLY: {
    says: 'the file cannot be written',
    hint: 'check the permissions of the file and its folder',
  },
}

import { inspect } from 'node:util'
import { ExpectedError } from '../errors.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'

/** What is told of an error: in the lines for people and in the object for scripts. */
export interface ErrorAccount {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
  readonly exitCode: ExitCode
}

/** An expected error in its own words, one of the operating system in ours, anything else as a fault of the program. */
export function accountForError(error: unknown): ErrorAccount {
  if (error instanceof ExpectedError) {
    return { code: error.code, message: error.message, hint: error.hint, exitCode: error.exitCode }
  }
  const systemCode = readSystemCode(error)
  const known = systemCode === undefined ? undefined : systemErrors[systemCode]
  if (error instanceof Error && systemCode !== undefined && known !== undefined) {
    const place = 'path' in error && typeof error.path === 'string' ? `${error.path}: ` : ''
    return { code: systemCode, message: `${place}${known.message}`, hint: known.hint, exitCode: exitCodes.failed.code }
  }
  return {
    code: 'INTERNAL',
    message: `this is a fault of the program: ${error instanceof Error ? (error.stack ?? error.message) : inspect(error)}`,
    hint: 'please report it, with these lines and the command that was typed',
    exitCode: exitCodes.failed.code,
  }
}

/** The lines that stderr shows: what happened, then what to do next. */
export function renderError({ message, hint }: ErrorAccount): readonly string[] {
  const lines = [`sfbulk: ${message}`]
  // A line that begins with a space carries on the one before.
  for (const line of hint?.split('\n') ?? [])
    lines.push(line.startsWith(' ') ? `    ${line.trimStart()}` : `  → ${line}`)
  return lines
}

/** The same for `--json`, on one line, behind what is known of the work that it ended. */
export function renderErrorJson({ code, message, hint, exitCode }: ErrorAccount, known: object = {}): string {
  return JSON.stringify({ ...known, error: { code, message, hint: hint ?? null }, exitCode })
}

/** Errors of the operating system that no stage has put into words of its own. */
const systemErrors: Readonly<Record<string, { readonly message: string; readonly hint: string }>> = {
  ENOSPC: { message: 'there is no space left on the disk', hint: 'make room and run the command again' },
  EDQUOT: { message: 'the disk quota is used up', hint: 'make room and run the command again' },
  EACCES: { message: 'no permission', hint: 'check the permissions of the file and its folder' },
  EPERM: { message: 'not permitted', hint: 'check the permissions of the file and its folder' },
  EROFS: { message: 'the file system is read-only', hint: 'write to another folder' },
  ENOENT: { message: 'no such file or folder', hint: 'check the path' },
  EISDIR: { message: 'this is a folder, not a file', hint: 'name a file' },
  ENOTDIR: { message: 'part of the path is not a folder', hint: 'check the path' },
  EMFILE: { message: 'too many files are open', hint: 'raise the limit with ulimit -n' },
  EADDRINUSE: { message: 'the port is taken', hint: 'name another one with --port' },
  EIO: { message: 'the disk reported an error', hint: 'check the disk' },
}

function readSystemCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

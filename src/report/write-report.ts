import { access, constants, stat, writeFile } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { RunError, UsageError } from '../errors.ts'
import { sameFile } from '../load/same-file.ts'
import { readFirstRows } from './first-rows.ts'
import { type QueryReport, renderQueryReport } from './render-query-report.ts'
import { type RunReport, renderReport } from './render-report.ts'

export interface ReportFile extends Omit<RunReport, 'firstRows' | 'links'> {
  /** Absolute path of the page. */
  readonly path: string
  /** Absolute paths of the result files; null where there is none, `-` for standard output. */
  readonly written: { readonly success: string | null; readonly errors: string | null }
  /** Between the cells of the errors file. */
  readonly delimiter: string
}

/**
 * Throws `UsageError` when the page could not be written in the end, or would take the place of another file of the call.
 *
 * @param given what was typed
 * @param others the other files that the call names, as typed; undefined, `-` and `none` are no files
 */
export async function checkReportPath(
  given: string,
  folder: string,
  others: readonly (string | undefined)[],
): Promise<string> {
  const path = resolve(folder, given)
  for (const other of others) {
    if (other === undefined || other === '-' || other === 'none') continue
    if (await sameFile(path, resolve(folder, other))) throw isTaken(`the report would overwrite ${other}`)
  }
  if (given === '-') throw isTaken('the report does not go to standard output')
  try {
    await access(dirname(path), constants.W_OK)
    if ((await stat(path).catch(() => undefined))?.isDirectory()) throw new Error('it is a folder')
  } catch (cause) {
    throw new UsageError(`the report ${path} cannot be written: ${reasonOf(cause)}`, {
      code: 'CANNOT_OPEN',
      hint: 'name another file with --report',
      cause,
    })
  }
  return path
}

function isTaken(message: string): UsageError {
  return new UsageError(message, { code: 'SAME_OUTPUT', hint: 'name another file with --report' })
}

/** Writes the page of a run. Throws `RunError`; the run itself has ended by then. */
export async function writeReport({ path, written, delimiter, ...report }: ReportFile): Promise<void> {
  await writePage(path, async () => {
    const errors = fileOf(written.errors)
    const firstRows = errors === undefined ? undefined : await readFirstRows(errors, delimiter)
    const links = { success: addressOf(path, fileOf(written.success)), errors: addressOf(path, errors) }
    return renderReport({ ...report, firstRows, links })
  })
}

export interface QueryReportFile extends Omit<QueryReport, 'links'> {
  /** Absolute path of the page. */
  readonly path: string
  /** Absolute paths of the files that the query has written. */
  readonly written: readonly string[]
}

/** Writes the page of a query. Throws `RunError`; the query itself has ended by then. */
export async function writeQueryReport({ path, written, ...report }: QueryReportFile): Promise<void> {
  await writePage(path, async () => {
    return renderQueryReport({ ...report, links: written.map((file) => addressOf(path, file) ?? '') })
  })
}

async function writePage(path: string, render: () => Promise<string>): Promise<void> {
  try {
    await writeFile(path, await render())
  } catch (cause) {
    throw new RunError(`the report ${path} cannot be written: ${reasonOf(cause)}`, {
      code: 'CANNOT_WRITE',
      hint: 'the result files are complete',
      cause,
    })
  }
}

function fileOf(path: string | null): string | undefined {
  return path === null || path === '-' ? undefined : path
}

/** Relative, so that page and files may be moved together. */
function addressOf(page: string, file: string | undefined): string | undefined {
  if (file === undefined) return undefined
  const way = relative(dirname(page), file)
  return way.startsWith('..') ? pathToFileURL(file).href : way.split(/[\\/]/).map(encodeURIComponent).join('/')
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { join } from 'node:path'
import { UsageError } from '../errors.ts'
import { extract } from '../extract/extract.ts'
import { formatCount } from '../format-count.ts'
import { parseSetOptions } from '../mapping/map-options.ts'
import { type OperationName, operations } from '../operations.ts'
import type { Org } from '../org/org.ts'
import type { CommandCall, Io } from './command.ts'
import { openQuestions } from './questions.ts'
import type { Talk } from './talk.ts'

/** Options by which a write finds its rows in the org instead of in a file. */
export interface Selection {
  readonly where?: string | undefined
  readonly set?: readonly string[] | undefined
  readonly yes?: boolean | undefined
  /** Nothing is written, so nobody need be asked. */
  readonly dryRun?: boolean | undefined
}

/**
 * Refuses a selection that cannot be, before the org is asked anything: a file besides, `--set` without `--where`, an update
 * that sets nothing, a `--set` without a field or a value, and a write that nobody can be asked about. Throws `UsageError`.
 */
export function checkSelection(
  operation: OperationName,
  { arguments: [, file], options, io }: Pick<CommandCall<Selection>, 'arguments' | 'options' | 'io'>,
): void {
  const { where, set, yes, dryRun } = options
  if (where === undefined) {
    if (set !== undefined) {
      throw new UsageError('--set needs --where', { hint: 'say which records: --where "Industry = null"' })
    }
    return
  }
  if (file !== undefined) {
    throw new UsageError(`the rows come from --where and from ${file}`, { hint: 'leave one of them out' })
  }
  if (operation === 'update' && set === undefined) {
    throw new UsageError('update --where changes nothing without --set', { hint: 'add --set field=value' })
  }
  parseSetOptions(set ?? [])
  if (yes !== true && dryRun !== true && !canAsk(io)) {
    throw new UsageError(`${operation} --where asks before it writes, and there is no terminal to ask on`, {
      code: 'NOT_CONFIRMED',
      hint: `look at the records with \`sfbulk query\` first, then add --yes`,
    })
  }
}

/**
 * Writes the Ids of the records that a condition selects into a CSV in `folder`, asks whether to go on, and gives the path.
 * Throws `UsageError` for a condition that Salesforce refuses, and when the answer is no.
 */
export async function selectRows(
  operation: OperationName,
  object: string,
  { options, io, signal }: CommandCall<Selection>,
  tools: { readonly org: Org; readonly folder: string; readonly talk: Pick<Talk<never>, 'line' | 'hide'> },
): Promise<string> {
  const { org, folder, talk } = tools
  const output = join(folder, `${object}.csv`)
  const soql = `SELECT Id FROM ${object} WHERE ${options.where}`
  const { rows } = await extract(
    { soql, all: false, names: new Map(), output },
    { org, signal, report: () => undefined },
  )
  const count = `${formatCount(rows)} ${object} ${rows === 1 ? 'record' : 'records'}`
  if (options.yes === true || options.dryRun === true || rows === 0) {
    talk.line(`--where selects ${count}`)
    return output
  }
  talk.hide()
  await confirm(`${operations[operation].name} ${count} on ${org.name}`, io, signal)
  return output
}

/** Asks whether to do something. Throws `UsageError` when the answer is not yes, or there is none. */
export async function confirm(what: string, io: Io, signal: AbortSignal): Promise<void> {
  const asking = openQuestions(io, signal)
  try {
    const answer = (await asking.ask(`${what}? [y/N] `)) ?? ''
    if (/^y(es)?$/i.test(answer.trim())) return
  } finally {
    asking.close()
  }
  throw new UsageError('nothing was written: the answer was no', { code: 'NOT_CONFIRMED' })
}

/** Whether there is somebody to ask. */
export function canAsk({ stdin, stderr }: Io): boolean {
  return stdin.isTTY === true && stderr.isTTY === true
}

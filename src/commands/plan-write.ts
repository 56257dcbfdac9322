import { mkdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { discardPlan, type LoadPlan, planLoad } from '../load/plan.ts'
import type { OperationName } from '../operations.ts'
import { findRunOfFile } from '../runs/list-runs.ts'
import { currentFolder, keptInputFolder, lookupsFolder, runFolder, selectionFolder } from '../runs/run-folder.ts'
import { createVerdictGate } from '../undo/verdict-gate.ts'
import { fetchLookup } from './fetch-lookup.ts'
import { nameSource } from './name-source.ts'
import { checkSameMapping, mappingPath } from './recorded-run.ts'
import { reopenInput } from './reopen-input.ts'
import { requestOf } from './request-of.ts'
import type { WriteCall, WriteTools } from './run-write.ts'
import { selectRows } from './select-rows.ts'

/** Everything that is decided before a run has a record. Gives back what it opened when something is wrong. */
export async function prepareWrite(operation: OperationName, call: WriteCall, tools: WriteTools, home: string) {
  const made = await makePlan(operation, call, tools, home)
  return { ...made, keeps: await fieldsToKeep(operation, made.plan, call.options) }
}

/** The plan of the call, or that of the run that is carried on. `path`: of the input, absolute; none for standard input. */
async function makePlan(
  operation: OperationName,
  call: WriteCall,
  { org, run, spoolFolder, talk, resumed, gates }: WriteTools,
  home: string,
): Promise<{ readonly plan: LoadPlan; readonly path: string | undefined }> {
  const { options, io, signal } = call
  const [object = '', file] = call.arguments
  const folder = runFolder(home, run)
  const selects = options.where !== undefined || options.undoes !== undefined
  const selected = selects ? await select(operation, call, { org, talk, resumed }, folder, spoolFolder) : undefined
  const input = selected ?? (file === '-' ? undefined : file)
  const kept = resumed && (await reopenInput(resumed.journal.past, folder))
  const place = options.dryRun ? join(spoolFolder, 'current') : currentFolder(folder)
  const gateTools = { org, signal, folder: place, spoolFolder }
  const plan = await planLoad(
    {
      ...requestOf(options),
      operation,
      object,
      file: input,
      ...(selected === undefined ? {} : { name: options.undoes?.name ?? `${object}.${operation}` }),
      source: selected && nameSource(call),
      set: options.set,
      ...(options.dryRun === true ? { successFile: 'none' } : {}),
      maxRejects: options.maxRejects,
      lockRetries: options.lockRetries,
      parallelJobs: options.parallelJobs,
    },
    {
      org,
      runId: run,
      stdin: io.stdin,
      signal,
      stdout: io.stdout,
      environment: io.environment,
      folder: io.folder,
      spoolFolder,
      fetchLookup: (soql) =>
        fetchLookup(soql, {
          org,
          spoolFolder,
          keepFolder: options.dryRun ? undefined : lookupsFolder(folder),
          signal,
          fresh: options.cache === false,
        }),
      keepFolder: options.spool === false || options.dryRun ? undefined : keptInputFolder(folder),
      resumed: kept,
      earlierRun: (path) => findRunOfFile(home, path),
      report: talk.report,
      openGate: options.undoes ? async () => createVerdictGate() : (rows) => gates.open(rows, gateTools),
    },
  )
  if (resumed) await checkSameMapping(plan, mappingPath(options.mapping, io.folder), resumed.journal.past.started)
  return { plan, path: input === undefined ? undefined : resolve(io.folder, input) }
}

/** The Ids that `--where` selects; a run that is carried on keeps those that it began with. */
async function select(
  operation: OperationName,
  call: WriteCall,
  { org, talk, resumed }: Pick<WriteTools, 'org' | 'talk' | 'resumed'>,
  folder: string,
  spoolFolder: string,
): Promise<string> {
  const [object = ''] = call.arguments
  const input = resumed?.journal.past.started.input
  if (input?.kind === 'file') return input.path
  const place = call.options.dryRun ? spoolFolder : selectionFolder(folder)
  await mkdir(place, { recursive: true, mode: 0o700 })
  const { undoes } = call.options
  if (undoes === undefined) return await selectRows(operation, object, call, { org, folder: place, talk })
  const { selectUndo } = await import('./select-undo.ts')
  return await selectUndo(undoes, call, { org, place, folder, talk })
}

/** The fields that the run keeps of its records; undefined when it keeps none. */
async function fieldsToKeep(operation: OperationName, plan: LoadPlan, options: WriteCall['options']) {
  const isKept = options.undo === true || options.undoes !== undefined
  if (!isKept || options.dryRun) return undefined
  try {
    const { checkUndo } = await import('./undo-record.ts')
    return checkUndo(operation, plan)
  } catch (error) {
    await discardPlan(plan)
    throw error
  }
}

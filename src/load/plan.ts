import { basename, dirname, join, resolve } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import type { CsvSource } from '../csv/records.ts'
import { openCsvSource } from '../csv/source.ts'
import { AuthError, UsageError } from '../errors.ts'
import { checkParents } from '../mapping/check-parents.ts'
import { type CompiledMapping, compileMapping } from '../mapping/compile.ts'
import { parseMapOptions, parseSetOptions } from '../mapping/map-options.ts'
import { noMapping, overlayMapping } from '../mapping/mapping.ts'
import { readMappingFile } from '../mapping/mapping-file.ts'
import { type Operation, type OperationName, operations } from '../operations.ts'
import type { ObjectDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'
import { serviceNull } from '../service-null.ts'
import { type NullPolicy, RowEncoder } from './encode-row.ts'
import type { Report } from './events.ts'
import { openLookups } from './open-lookups.ts'
import type { RejectLimit } from './reject-limit.ts'
import { openResultFile, type ResultFile, type ResultTarget } from './result-file.ts'
import type { RowGate } from './row-gate.ts'
import { sameFile } from './same-file.ts'
import type { PartKind } from './transport.ts'

/** What the user asked for, as typed. */
export interface LoadRequest {
  readonly operation: OperationName
  readonly object: string
  /** Path of the input; undefined or `-` for standard input. */
  readonly file: string | undefined
  /** What the result files are named after instead of the input: `Account.delete`. */
  readonly name?: string | undefined
  /** What messages call the input instead of its path. */
  readonly source?: string | undefined
  /** `field=value`, each: the same for every row. */
  readonly set?: readonly string[] | undefined
  readonly externalId?: string | undefined
  /** `column=field`, each. */
  readonly map?: readonly string[] | undefined
  readonly mappingFile?: string | undefined
  /** A path, `-` for standard output, `none`, or undefined for the default name. */
  readonly successFile?: string | undefined
  readonly errorsFile?: string | undefined
  /** One character. Default: detected. */
  readonly delimiter?: string | undefined
  /** Default: detected. */
  readonly encoding?: string | undefined
  /** Default: `#N/A`. */
  readonly nullValue?: string | undefined
  readonly emptyAsNull?: boolean | undefined
  readonly failFast?: boolean | undefined
  /** Default: any number. */
  readonly maxRejects?: RejectLimit | undefined
  /** Rounds in which rows that were locked are sent again. Default: 3. */
  readonly lockRetries?: number | undefined
  /** How many jobs run at once. Default: the transport's own number. */
  readonly parallelJobs?: number | undefined
}

/** Everything that is decided before the first row is sent. Nothing has been sent so far. */
export interface LoadPlan {
  readonly runId: string
  readonly operation: Operation
  readonly object: ObjectDescription
  readonly kind: PartKind
  readonly source: CsvSource
  readonly mapping: CompiledMapping
  readonly nulls: NullPolicy
  readonly encoder: RowEncoder
  readonly success: ResultFile
  readonly errors: ResultFile
  readonly targets: { readonly success: ResultTarget; readonly errors: ResultTarget }
  readonly failFast: boolean
  readonly maxRejects: RejectLimit | undefined
  /** Whether the input ends before its end: it came once, and an earlier process ended while it was coming. */
  readonly isCut: boolean
  /** Rounds in which rows that were locked are sent again. */
  readonly lockRetries: number
  readonly parallelJobs: number | undefined
  /** Private folder for spooled input and texts. */
  readonly spoolFolder: string
}

export interface PlanTools {
  readonly org: Pick<Org, 'describe'>
  readonly runId: string
  readonly stdin: Readable
  /** Aborted when the first bytes of standard input are not waited for any longer. */
  readonly signal?: AbortSignal | undefined
  readonly stdout: Writable
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Folder against which relative paths stand. */
  readonly folder: string
  /** Private folder for spooled input and texts. */
  readonly spoolFolder: string
  /** Fetches the rows of a query that a mapping looks values up in, as a CSV, and gives its path. Default: refused. */
  readonly fetchLookup?: ((soql: string) => Promise<string>) | undefined
  /** Where input that comes once is kept, so that the run can be carried on. */
  readonly keepFolder?: string | undefined
  /** For a run that is carried on: its input where that was kept, and how much of the result files stands. */
  readonly resumed?: ResumedFiles | undefined
  readonly earlierRun: (path: string) => Promise<string | undefined>
  readonly report: Report
  /** Makes what holds back rows that were mapped so; none: every row that can be sent is. */
  readonly openGate?: ((rows: MappedRows) => Promise<RowGate | undefined>) | undefined
}

/** What rows are, as far as that is decided before the first of them is read. */
export interface MappedRows {
  readonly mapping: CompiledMapping
  readonly object: ObjectDescription
  readonly operation: Operation
  readonly nulls: NullPolicy
  readonly source: CsvSource
}

export interface ResumedFiles {
  readonly source: CsvSource | undefined
  /** Whether an input that came once ends before its end, with the earlier process. */
  readonly cut: boolean
  /** Bytes. */
  readonly success: number
  readonly errors: number
}

/**
 * Checks everything that can be checked without writing: the input, the object, the mapping, the key, the output names.
 * Throws `UsageError` with all faults of the first thing that is wrong.
 */
export async function planLoad(request: LoadRequest, tools: PlanTools): Promise<LoadPlan> {
  const operation: Operation = operations[request.operation]
  const { resumed } = tools
  const source = resumed?.source ?? (await openSource(request, tools))
  const opened: ResultFile[] = []
  try {
    const targets = await resultTargets(request, tools.folder)
    const given = await readMapping(request, tools)
    const { object, mapping } = await withDescription(request.object, tools.org, (described) => {
      checkAllowed(described, operation)
      const { header } = source
      return compileMapping(given, { header, object: described, operation, externalId: request.externalId })
    })
    await checkParents(mapping.columns, tools.org)
    const lookups = await openLookups(mapping.columns, tools)
    const guess = resumed ? undefined : guessedEncoding(source, request)
    for (const text of [...(guess === undefined ? [] : [guess]), ...mapping.notes]) tools.report({ type: 'note', text })
    const nulls = { nullValue: request.nullValue ?? serviceNull, emptyAsNull: request.emptyAsNull ?? false }
    const gate = await tools.openGate?.({ mapping, object, operation, nulls, source })
    const success = await openResultFile(targets.success, tools, resumed?.success)
    opened.push(success)
    const errors = await openResultFile(targets.errors, tools, resumed?.errors)
    opened.push(errors)
    return {
      runId: tools.runId,
      operation,
      object,
      kind: {
        object: object.name,
        operation: operation.bulkName,
        externalIdField: operation.key === 'external-id' ? mapping.columns[mapping.key!]?.target.name : undefined,
      },
      source,
      mapping,
      nulls,
      encoder: new RowEncoder(mapping, source, nulls, operation.key === 'id', lookups, gate),
      success,
      errors,
      targets,
      failFast: request.failFast ?? false,
      maxRejects: request.maxRejects,
      isCut: resumed?.cut ?? false,
      lockRetries: request.lockRetries ?? 3,
      parallelJobs: request.parallelJobs,
      spoolFolder: tools.spoolFolder,
    }
  } catch (error) {
    for (const file of opened) await (resumed ? file.suspend() : file.discard())
    await source.close()
    throw error
  }
}

/** Says how an input is read where neither the user nor a byte order mark tells: a wrong guess would load wrong names. */
function guessedEncoding({ name, dialect }: CsvSource, request: LoadRequest): string | undefined {
  if (request.encoding !== undefined || dialect.bom || dialect.encoding === 'utf-8') return undefined
  return `${name} looks like ${dialect.encoding} and is read as that; --encoding names another`
}

/** Gives back what a plan holds open without having been run. */
export async function discardPlan(plan: LoadPlan): Promise<void> {
  await plan.success.discard()
  await plan.errors.discard()
  await plan.source.close()
}

/**
 * Compiles a mapping to an object. The description may be kept from an earlier run and out of date: before a mapping is
 * refused, or a column left out, the org is asked anew.
 */
async function withDescription(
  name: string,
  org: Pick<Org, 'describe'>,
  compile: (object: ObjectDescription) => CompiledMapping,
): Promise<{ readonly object: ObjectDescription; readonly mapping: CompiledMapping }> {
  const object = await org.describe(name)
  try {
    const mapping = compile(object)
    if (mapping.notes.length === 0) return { object, mapping }
  } catch (error) {
    if (!(error instanceof UsageError)) throw error
  }
  const fresh = await org.describe(name, { fresh: true })
  return { object: fresh, mapping: compile(fresh) }
}

async function openSource(request: LoadRequest, tools: PlanTools): Promise<CsvSource> {
  return await openCsvSource({
    path: isStdin(request.file) ? undefined : resolve(tools.folder, request.file!),
    name: isStdin(request.file) ? undefined : (request.source ?? request.file),
    stdin: tools.stdin,
    signal: tools.signal,
    spoolFolder: tools.spoolFolder,
    keepFolder: tools.keepFolder,
    ...(request.delimiter === undefined ? {} : { delimiter: request.delimiter }),
    ...(request.encoding === undefined ? {} : { encoding: request.encoding }),
  })
}

function isStdin(file: string | undefined): boolean {
  return file === undefined || file === '-'
}

async function readMapping(request: LoadRequest, tools: PlanTools) {
  const file = request.mappingFile
    ? await readMappingFile(resolve(tools.folder, request.mappingFile), request.mappingFile, tools)
    : noMapping
  const typed = overlayMapping(parseMapOptions(request.map ?? []), parseSetOptions(request.set ?? []))
  return overlayMapping(file, typed)
}

function checkAllowed(object: ObjectDescription, operation: Operation): void {
  const allowed = {
    createable: object.createable,
    updateable: object.updateable,
    either: object.createable || object.updateable,
    'id-only': operation.name === 'undelete' ? object.undeletable !== false : object.deletable,
  }[operation.fields]
  if (allowed) return
  throw new AuthError(`this user may not ${operation.name} ${object.name} records`, {
    code: 'NOT_ALLOWED',
    hint: 'ask for the permission in the org, or name another object',
  })
}

/** The two result files by option or by the input's name; refuses names that would overwrite the input or each other. */
async function resultTargets(
  request: LoadRequest,
  folder: string,
): Promise<{ success: ResultTarget; errors: ResultTarget }> {
  const base = resolve(folder, defaultBase(request))
  const target = (given: string | undefined, name: string): ResultTarget => {
    if (given === undefined) return { kind: 'default', path: `${base}.${name}.csv` }
    if (given === '-') return { kind: 'stdout' }
    if (given === 'none') return { kind: 'none' }
    return { kind: 'named', path: resolve(folder, given) }
  }
  const success = target(request.successFile, 'success')
  const errors = target(request.errorsFile, 'errors')
  if (success.kind === 'stdout' && errors.kind === 'stdout') {
    throw new UsageError('--success and --errors both name standard output', {
      code: 'SAME_OUTPUT',
      hint: 'name a file with one of them, or `none`',
    })
  }
  if ('path' in success && 'path' in errors && (await sameFile(success.path, errors.path))) {
    throw new UsageError(`--success and --errors both name ${success.path}`, {
      code: 'SAME_OUTPUT',
      hint: 'name another file with one of them, or `none`',
    })
  }
  const read = [
    { name: 'the input', path: isStdin(request.file) ? undefined : request.file },
    { name: 'the mapping file', path: request.mappingFile },
  ]
  for (const { path } of [success, errors].filter((file) => 'path' in file)) {
    for (const other of read) {
      if (other.path === undefined || !(await sameFile(path, resolve(folder, other.path)))) continue
      throw new UsageError(`${path} is ${other.name}: a result file would overwrite it`, {
        code: 'OUTPUT_IS_INPUT',
        hint: 'name another file with --errors or --success',
      })
    }
  }
  return { success, errors }
}

const isOpenStream = /^\/dev\/(?:stdin|fd\/\d+)$|^\/proc\/[^/]+\/fd\/\d+$/

/**
 * `dir/accounts` for `dir/accounts.csv` and `dir/accounts.csv.gz`; `Account.upsert` for standard input, also by the name of
 * /dev/stdin, and for what the shell hands over as /dev/fd/63: no file can be beside those.
 */
function defaultBase({ file, name, object, operation }: LoadRequest): string {
  if (name !== undefined) return name
  if (isStdin(file) || isOpenStream.test(resolve(file!))) return `${object}.${operation}`
  return join(
    dirname(file!),
    basename(file!)
      .replace(/(?<=.)\.gz$/i, '')
      .replace(/(?<=.)\.csv$/i, ''),
  )
}

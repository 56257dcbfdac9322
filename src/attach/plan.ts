import { dirname, resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { discardPlan, type LoadPlan, type LoadRequest, type PlanTools, planLoad } from '../load/plan.ts'
import type { Org } from '../org/org.ts'
import { findSoapCall } from '../soap/calls.ts'
import { findColumns } from '../soap/columns.ts'
import type { RowShape } from '../soap/render-row.ts'
import { limitsOf } from './attachment-limit.ts'
import { describeManifest, type StoredAs, type StoreKind, storeKinds } from './manifest-object.ts'
import { ManifestReader } from './manifest-rows.ts'

/** What the user asked for, as typed. */
export interface AttachRequest extends Omit<LoadRequest, 'operation' | 'object' | 'name' | 'set'> {
  readonly operation: 'insert' | 'update' | 'upsert' | 'delete'
  readonly storedAs: StoredAs
  /** Whether files outside of the manifest's folder are sent. */
  readonly allowOutside: boolean
}

/** Everything that is decided before the first file is read. */
export interface AttachPlan {
  readonly load: LoadPlan
  readonly kind: StoreKind
  readonly reader: ManifestReader
  /** What the rows of a call have in common. */
  readonly shape: RowShape
}

/** Checks the manifest as any load's input is checked. Throws `UsageError`. */
export async function planAttach(
  request: AttachRequest,
  tools: Omit<PlanTools, 'org'> & { readonly org: Org },
): Promise<AttachPlan> {
  const { operation, storedAs, allowOutside, file } = request
  const kind = storeKinds[storedAs]
  if (storedAs === 'file' && (operation === 'delete' || operation === 'upsert')) throw notOfVersions(operation)
  const describe: Org['describe'] = async (name, options) => {
    const described = await tools.org.describe(name, options)
    return name === kind.object ? describeManifest(described, kind) : described
  }
  const load = await planLoad(
    { ...request, object: kind.object, externalId: operation === 'upsert' ? (request.externalId ?? 'Id') : undefined },
    { ...tools, org: { describe } },
  )
  try {
    const isInsert = operation === 'insert'
    const isStdin = file === undefined || file === '-'
    const folder = isStdin ? tools.folder : dirname(resolve(tools.folder, file))
    const rules = { folder, allowOutside, limitOf: limitsOf(kind, tools.org) }
    if (isInsert) requireBody(load, kind)
    const reader = new ManifestReader({
      kind,
      mapping: load.mapping,
      nulls: load.nulls,
      computed: load.encoder.computed,
      rules,
      isInsert,
    })
    const object = await tools.org.describe(kind.object)
    const columns = findColumns(reader.columns, object)
    const call = findSoapCall(load.kind.operation)
    return { load, kind, reader, shape: { call, object, columns } }
  } catch (error) {
    await discardPlan(load)
    throw error
  }
}

function requireBody({ mapping, source }: LoadPlan, { paths, body, object, name }: StoreKind): void {
  const bodies = object === 'ContentVersion' ? [...paths, name] : [...paths, body]
  if (mapping.columns.some(({ target }) => bodies.includes(target.name))) return
  throw new UsageError(`${source.name} has no column for the files: ${bodies.join(', ')}`, {
    code: 'NO_BODY_COLUMN',
    hint: `columns of the input: ${source.header.join(', ')}; name one with --map "column=${paths[0]}"`,
  })
}

/** Source: object reference, ContentVersion: versions can be created and changed, and go with their document. */
function notOfVersions(operation: string): UsageError {
  const hint =
    operation === 'delete'
      ? 'delete the documents: sfbulk delete ContentDocument documents.csv'
      : 'insert with a column ContentDocumentId for a new version of a document; update changes what is said of a version'
  return new UsageError(`versions of files cannot be ${operation === 'delete' ? 'deleted' : 'upserted'}`, {
    code: 'NOT_OF_FILES',
    hint,
  })
}

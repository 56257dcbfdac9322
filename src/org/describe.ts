import { ApiError, RunError, UsageError } from '../errors.ts'
import { findNearest } from '../nearest.ts'
import type { ToldDescription } from './complete-description.ts'
import { foreignAnswerHint } from './cut-answer.ts'
import type { Org } from './org.ts'

/** One object in the org's list. Source: REST guide, "Describe Global". */
export interface ObjectSummary {
  readonly name: string
  readonly label: string
  readonly keyPrefix: string | null
  readonly custom: boolean
  readonly createable: boolean
  readonly updateable: boolean
  readonly deletable: boolean
  readonly queryable: boolean
}

type ToldSummary = Omit<ObjectSummary, 'label'> & { readonly label?: string | null }

/** Every object that the user may see. One API call. */
export async function listObjects(org: Pick<Org, 'send'>): Promise<readonly ObjectSummary[]> {
  const response = await org.send({ method: 'GET', path: 'sobjects' })
  const { sobjects } = await response.json<{ sobjects?: readonly ToldSummary[] }>()
  if (!Array.isArray(sobjects)) throw notDescribed('the list of objects')
  return sobjects.map((object: ToldSummary) => ({ ...object, label: object.label ?? object.name }))
}

/**
 * One object with its fields, as the org describes it: one API call. For a name that the org does not know, a second call
 * finds the nearest ones for the `UsageError`.
 */
export async function describeObject(org: Pick<Org, 'send' | 'name'>, object: string): Promise<ToldDescription> {
  if (!/^\w+$/.test(object)) throw unknownObject(org.name, object, [])
  try {
    const response = await org.send({ method: 'GET', path: `sobjects/${object}/describe` })
    const described = await response.json<Partial<ToldDescription>>()
    const { name } = described
    if (typeof name !== 'string') throw notDescribed(`the description of ${object}`)
    return { ...described, name }
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error
    const objects = await listObjects(org)
    throw unknownObject(
      org.name,
      object,
      findNearest(
        object,
        objects.map(({ name }) => name),
      ),
      error,
    )
  }
}

function notDescribed(what: string): RunError {
  return new RunError(`the org has answered something other than ${what}`, {
    code: 'NOT_DESCRIBED',
    hint: foreignAnswerHint,
  })
}

function unknownObject(org: string, object: string, nearest: readonly string[], cause?: unknown): UsageError {
  const meant = nearest.length === 0 ? '' : `Did you mean ${nearest.join(', ')}? `
  return new UsageError(`${org} has no object ${JSON.stringify(object)} that this user may see`, {
    code: 'UNKNOWN_OBJECT',
    hint: `${meant}\`sfbulk describe\` lists the objects.`,
    cause,
  })
}

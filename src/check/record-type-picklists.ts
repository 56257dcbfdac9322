import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { ApiError } from '../errors.ts'
import type { Org } from '../org/org.ts'

/** Values by the name of the field, in small letters. */
export type PicklistsOfType = ReadonlyMap<string, ReadonlySet<string>>

/** As long as a description is kept. */
const lifetime = 3_600_000

/**
 * Which values of each picklist the records of a type may have; undefined where the org does not tell (some objects are not
 * in its User Interface API). One API call, unless an earlier run has asked within the hour; `kept`: a file that outlives that,
 * for a run that may be carried on.
 *
 * Source: User Interface API guide, "Get Values for All Picklist Fields of a Record Type"; a description does not have them.
 */
export async function readRecordTypePicklists(
  org: Org,
  object: string,
  recordType: string,
  kept: string,
): Promise<PicklistsOfType | undefined> {
  const name = `${object.toLowerCase()}-${recordType}-v${org.apiVersion}.json`
  const cached = org.cacheFolder && join(org.cacheFolder, 'picklists', name)
  const answer = (cached && (await readAnswer(cached, lifetime))) || (await ask(org, object, recordType))
  if (cached) await keep(cached, answer)
  await keep(kept, answer)
  return toPicklists(answer)
}

/** Foreign JSON; without values where the org does not tell them. */
interface Answer {
  readonly picklistFieldValues?: Readonly<Record<string, { readonly values?: readonly { readonly value?: unknown }[] }>>
}

async function ask(org: Pick<Org, 'send'>, object: string, recordType: string): Promise<Answer> {
  try {
    const path = `ui-api/object-info/${object}/picklist-values/${recordType}`
    return await (await org.send({ method: 'GET', path })).json<Answer>()
  } catch (error) {
    if (error instanceof ApiError && error.status >= 400 && error.status < 500) return {}
    throw error
  }
}

/** What an earlier process of the run was told; `unasked` where it was not. */
export async function readKeptPicklists(kept: string): Promise<PicklistsOfType | undefined | 'unasked'> {
  const answer = await readAnswer(kept, Number.POSITIVE_INFINITY)
  return answer === undefined ? 'unasked' : toPicklists(answer)
}

function toPicklists({ picklistFieldValues }: Answer): PicklistsOfType | undefined {
  if (picklistFieldValues === undefined) return undefined
  const entries = Object.entries(picklistFieldValues).map(([field, { values = [] }]) => {
    return [field.toLowerCase(), new Set(values.map(({ value }) => String(value)))] as const
  })
  return new Map(entries)
}

async function readAnswer(path: string, mostAge: number): Promise<Answer | undefined> {
  try {
    const age = Date.now() - (await stat(path)).mtimeMs
    return age < mostAge ? (JSON.parse(await readFile(path, 'utf8')) as Answer) : undefined
  } catch {
    return undefined
  }
}

/** Never fails: what cannot be kept is asked for again. */
async function keep(path: string, answer: Answer): Promise<void> {
  const partial = `${path}.${process.pid}.partial`
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await writeFile(partial, JSON.stringify(answer), { mode: 0o600 })
    await rename(partial, path)
  } catch {
    await rm(partial, { force: true }).catch(() => undefined)
  }
}

import { Refusal } from './refusal.ts'

/** Keys are compared with their case. Throws a refusal for the first that a job does not have. */
export function refuseUnknownKeys(body: Readonly<Record<string, unknown>>, known: readonly string[]): void {
  const unknown = Object.keys(body).find((key) => !known.includes(key))
  if (unknown !== undefined) throw new Refusal(400, 'JSON_PARSER_ERROR', `Unrecognized field "${unknown}"`)
}

/** The text under a key; `undefined` where there is none. */
export function readText(body: Readonly<Record<string, unknown>>, key: string): string | undefined {
  const value = body[key]
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  throw new Refusal(400, 'JSON_PARSER_ERROR', `A text was expected for "${key}"`)
}

/** The text under a key when it is one of the choices. */
export function readChoice<Choice extends string>(
  body: Readonly<Record<string, unknown>>,
  key: string,
  choices: readonly Choice[],
): Choice | undefined {
  const text = readText(body, key)
  const choice = choices.find((candidate) => candidate === text)
  if (text !== undefined && choice === undefined) {
    throw new Refusal(
      400,
      'INVALIDJOB',
      `InvalidJob : Unsupported ${key}: ${text}. Expected one of ${choices.join(', ')}`,
    )
  }
  return choice
}

/** The text under a key when it is a key of the table. */
export function readKey<Key extends string>(
  body: Readonly<Record<string, unknown>>,
  key: string,
  table: Readonly<Record<Key, unknown>>,
): Key | undefined {
  return readChoice(body, key, Object.keys(table) as Key[])
}

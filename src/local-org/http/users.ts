import type { OrgParts } from '../parts.ts'
import { administratorId } from '../seed.ts'
import type { Session } from './api-request.ts'

/** Who has a session. */
export interface OrgUser {
  readonly id: string
  readonly username: string
}

/** The active user of this name; all of them have the org's one password. */
export function findUser({ engine, user }: OrgParts, username: string): OrgUser | undefined {
  if (username === user.username) return user
  const text = username.replace(/['\\]/g, '\\$&')
  return readUser(engine, `Username = '${text}' AND IsActive = TRUE`)
}

/** The user of a session. */
export function userOf({ engine, user }: OrgParts, { userId }: Session): OrgUser {
  return (userId === administratorId ? user : readUser(engine, `Id = '${userId}'`)) ?? user
}

/** The same org with an engine that writes as the user of a session: who made and changed a record is that user. */
export function actAs(parts: OrgParts, { userId }: Session): OrgParts {
  const { engine } = parts
  return { ...parts, engine: { ...engine, write: (request) => engine.write({ userId, ...request }) } }
}

function readUser(engine: OrgParts['engine'], condition: string): OrgUser | undefined {
  const result = engine.query(`SELECT Id, Username FROM User WHERE ${condition}`, { all: false, surface: 'rest' })
  const [row] = result.cells(0, 1)
  result.close()
  return row === undefined ? undefined : { id: String(row[0]), username: String(row[1]) }
}

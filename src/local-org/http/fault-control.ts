import type { Fault } from '../faults.ts'
import type { OrgParts } from '../parts.ts'
import { readJson } from './api-request.ts'
import { authorise } from './authorise.ts'
import { Refusal } from './refusal.ts'
import { emptyReply, jsonReply } from './reply.ts'
import type { Route } from './router.ts'

/** Faults on demand: POST asks for some, GET tells which have fired. Needs a session; does not count as an API call. */
export function faultRoutes({ faults, sessions }: OrgParts): readonly Route[] {
  const path = '/local-org/faults'
  return [
    {
      method: 'GET',
      path,
      session: false,
      handle: ({ headers }) => {
        authorise(sessions, headers.authorization)
        return jsonReply(faults.states())
      },
    },
    {
      method: 'POST',
      path,
      session: false,
      handle: async (request) => {
        authorise(sessions, request.headers.authorization)
        const wanted = await readJson(request)
        if (!Array.isArray(wanted)) throw new Refusal(400, 'JSON_PARSER_ERROR', 'A list of faults was expected')
        try {
          faults.add(wanted as readonly Fault[])
        } catch (error) {
          throw new Refusal(400, 'INVALID_FAULT', error instanceof Error ? error.message : String(error))
        }
        return emptyReply()
      },
    },
  ]
}

import type { Org } from './org.ts'

/** Times by the org's clock, in milliseconds since 1970, between which a moment lies. */
export interface OrgTime {
  readonly from: number
  readonly to: number
}

/** The service tells times in whole seconds, both those of records and its own. */
const tolerance = 2_000

/**
 * A moment of this machine's clock by that of the org. Source of the org's time: the list of versions, which is no API call.
 */
export async function findOrgTime(org: Pick<Org, 'send'>, moment: number): Promise<OrgTime> {
  const answer = await org.send({ method: 'GET', path: '/services/data' })
  await answer.text()
  const time = Date.parse(answer.headers.date ?? '')
  const ahead = Number.isNaN(time) ? 0 : time - Date.now()
  return { from: moment + ahead - tolerance, to: moment + ahead + tolerance }
}

import type { OrgParts } from '../parts.ts'
import { authorizeRoutes } from './authorize-page.ts'
import { bulk1Routes } from './bulk1-refusal.ts'
import { collectionRoutes } from './collections.ts'
import { compositeRoutes } from './composite.ts'
import { faultRoutes } from './fault-control.ts'
import { ingestJobRoutes } from './ingest-jobs.ts'
import { limitRoutes } from './limits.ts'
import { oauthRoutes } from './oauth.ts'
import { picklistRoutes } from './picklist-values.ts'
import { queryJobRoutes } from './query-jobs.ts'
import { restQueryRoutes } from './rest-query.ts'
import { type CompiledRoute, compileRoutes } from './router.ts'
import { rowRoutes } from './rows.ts'
import { soapRoutes } from './soap.ts'
import { sobjectRoutes } from './sobjects.ts'
import { versionRoutes } from './versions.ts'

/** Every resource of the local org. The first that fits a path is taken. */
export function listRoutes(parts: OrgParts): readonly CompiledRoute[] {
  const resources = compileRoutes([
    ...limitRoutes(parts),
    ...sobjectRoutes(parts),
    ...picklistRoutes(parts),
    ...restQueryRoutes(parts),
    ...rowRoutes(parts),
    ...collectionRoutes(parts),
  ])
  const others = compileRoutes([
    ...versionRoutes(parts),
    ...bulk1Routes(),
    ...oauthRoutes(parts),
    ...authorizeRoutes(parts),
    ...soapRoutes(parts),
    ...faultRoutes(parts),
    ...ingestJobRoutes(parts),
    ...queryJobRoutes(parts),
    ...compositeRoutes(resources),
  ])
  return [...others, ...resources]
}

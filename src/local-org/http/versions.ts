import type { OrgParts } from '../parts.ts'
import { jsonReply } from './reply.ts'
import { type Route, servedVersions } from './router.ts'

/** The versions of the API (no session, not counted) and the resources of one. REST guide, "Versions", "Resources by Version". */
export function versionRoutes(parts: Pick<OrgParts, 'url' | 'organizationId'>): readonly Route[] {
  return [
    { method: 'GET', path: '/services/data', session: false, handle: () => jsonReply(listVersions()) },
    {
      method: 'GET',
      path: '/services/data/v:version',
      handle: ({ path, session }) => {
        // Where clients that were given a token and nothing else find out whose it is.
        const identity = `${parts.url()}/id/${parts.organizationId}/${session.userId}`
        return jsonReply({ ...listResources(path), identity })
      },
    },
  ]
}

function listVersions(): readonly { label: string; url: string; version: string }[] {
  const count = servedVersions.newest - servedVersions.oldest + 1
  return Array.from({ length: count }, (_, index) => {
    const version = `${servedVersions.oldest + index}.0`
    return { label: releaseName(servedVersions.oldest + index), url: `/services/data/v${version}`, version }
  })
}

/** Three releases a year, 30.0 being Spring '14; the winter release is named after the year that follows. */
function releaseName(version: number): string {
  const season = ['Spring', 'Summer', 'Winter'][(version - 30) % 3]
  const year = 14 + Math.floor((version - 29) / 3)
  return `${season} '${year}`
}

function listResources(path: string): Record<string, string> {
  const base = path.replace(/\/$/, '')
  const names = ['composite', 'jobs', 'limits', 'query', 'queryAll', 'sobjects']
  return Object.fromEntries(names.map((name) => [name, `${base}/${name}`]))
}

import type { ObjectDescription } from '../../org/object-description.ts'
import type { OrgParts } from '../parts.ts'
import { notFound } from './refusal.ts'
import { jsonReply } from './reply.ts'
import type { Route } from './router.ts'

/** The list of objects and the description of one. REST guide, "Describe Global", "sObject Describe". */
export function sobjectRoutes({ engine }: Pick<OrgParts, 'engine'>): readonly Route[] {
  const path = '/services/data/v:version/sobjects'
  return [
    {
      method: 'GET',
      path,
      handle: ({ version }) => {
        const sobjects = engine.objects().map((object) => describeBriefly(object, version))
        return jsonReply({ encoding: 'UTF-8', maxBatchSize: 200, sobjects })
      },
    },
    {
      method: 'GET',
      path: `${path}/:object`,
      handle: ({ params, version }) => {
        const object = engine.describe(params.object ?? '')
        if (object === undefined) throw notFound()
        return jsonReply({ objectDescribe: describeBriefly(object, version), recentItems: [] })
      },
    },
    {
      method: 'GET',
      path: `${path}/:object/describe`,
      handle: ({ params, version }) => {
        const object = engine.describe(params.object ?? '')
        if (object === undefined) throw notFound()
        const { recordTypePicklists: _, ...answer } = object
        return jsonReply({ ...answer, urls: urlsOf(object.name, version) })
      },
    },
  ]
}

/** Keys of a description that the list of objects does not have. */
const detailKeys = new Set([
  'fields',
  'childRelationships',
  'recordTypeInfos',
  'recordTypePicklists',
  'namedLayoutInfos',
  'supportedScopes',
  'actionOverrides',
  'fieldByName',
  'urls',
])

function describeBriefly(object: ObjectDescription, version: number): Record<string, unknown> {
  return { ...briefDescription(object), urls: urlsOf(object.name, version) }
}

/** What the list of objects says of one. */
export function briefDescription(object: ObjectDescription): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !detailKeys.has(key)))
}

function urlsOf(name: string, version: number): Record<string, string> {
  const base = `/services/data/v${version}.0/sobjects/${name}`
  return { sobject: base, describe: `${base}/describe`, rowTemplate: `${base}/{ID}` }
}

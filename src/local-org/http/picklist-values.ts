import type { OrgParts } from '../parts.ts'
import { masterRecordTypeId, picklistValuesOf, recordTypesOf } from '../record-types.ts'
import { notFound } from './refusal.ts'
import { jsonReply } from './reply.ts'
import type { Route } from './router.ts'

/**
 * The values of all picklists of an object that records of a type may have. Source: User Interface API guide, "Get Values for All
 * Picklist Fields of a Record Type".
 */
export function picklistRoutes({ engine }: Pick<OrgParts, 'engine'>): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/services/data/v:version/ui-api/object-info/:object/picklist-values/:type',
      handle: ({ params, version }) => {
        const object = engine.describe(params.object ?? '')
        const type = params.type ?? ''
        const known =
          object && (type === masterRecordTypeId || recordTypesOf(object).some((each) => each.recordTypeId === type))
        if (object === undefined || !known) throw notFound()
        const base = `/services/data/v${version}.0/ui-api/object-info/${object.name}/picklist-values/${type}`
        const fields = object.fields.filter((field) => field.type === 'picklist' || field.type === 'multipicklist')
        const entries = fields.map((field) => {
          const values = picklistValuesOf(object, type, field).map((value) => {
            const label = field.picklistValues.find((each) => each.value === value)?.label ?? value
            return { attributes: null, label, validFor: [], value }
          })
          return [field.name, { controllerValues: {}, defaultValue: null, url: `${base}/${field.name}`, values }]
        })
        return jsonReply({ picklistFieldValues: Object.fromEntries(entries) })
      },
    },
  ]
}

import { completeField } from '../src/org/complete-description.ts'
import type { FieldDescription } from '../src/org/object-description.ts'

/** Fields of the one object that the sink describes. */
export const sinkFields: readonly FieldDescription[] = [
  field('Id', 'id', { createable: false, updateable: false, idLookup: true }),
  field('Name', 'string', { nillable: false }),
  field('ERP_Id__c', 'string', { externalId: true, idLookup: true, unique: true }),
  field('BillingStreet', 'textarea'),
  field('BillingCity', 'string'),
  field('BillingPostalCode', 'string'),
  field('BillingCountry', 'string'),
  field('Phone', 'phone'),
  field('Website', 'url'),
  field('AnnualRevenue', 'currency'),
  field('NumberOfEmployees', 'int'),
  field('CustomerSince__c', 'date'),
  field('Active__c', 'boolean'),
]

function field(name: string, type: string, differing: Partial<FieldDescription> = {}): FieldDescription {
  return completeField({ name, type, length: 255, precision: 18, scale: 2, ...differing })
}

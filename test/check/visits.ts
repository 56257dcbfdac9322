import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ObjectDescription } from '../../src/org/object-description.ts'
import { privateFolder } from '../support/run.ts'
import { describedObject } from './corpus.ts'

export const homeVisit = '012000000000001AAA'
export const phoneVisit = '012000000000002AAA'

/**
 * A folder for a local org with the object Visit__c: two record types, of which new records get the first, with different values of
 * their picklists, and a field that is set once.
 */
export function visitsFolder(): string {
  const folder = join(privateFolder(), 'objects')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'visit.json'), JSON.stringify(describedVisit()))
  return folder
}

export function describedVisit(): ObjectDescription {
  const invoice = describedObject('Invoice__c')
  const field = (name: string) => invoice.fields.find((each) => each.name === name)!
  const system = ['Id', 'IsDeleted', 'CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById']
  const types = [
    { recordTypeId: '012000000000000AAA', name: 'Master', developerName: 'Master', master: true },
    { recordTypeId: homeVisit, name: 'Home', developerName: 'Home', master: false, defaultRecordTypeMapping: true },
    { recordTypeId: phoneVisit, name: 'Phone', developerName: 'Phone', master: false },
  ].map((type) => ({ active: true, available: true, defaultRecordTypeMapping: false, ...type }))
  const visit = {
    ...invoice,
    name: 'Visit__c',
    label: 'Visit',
    keyPrefix: 'a0V',
    childRelationships: [],
    recordTypeInfos: types,
    recordTypePicklists: {
      [homeVisit]: { Region__c: ['EMEA', 'AMER'], Tags__c: ['Urgent', 'Export'] },
      [phoneVisit]: { Region__c: ['APAC'], Tags__c: ['Urgent', 'Recurring', 'Disputed'] },
    },
    fields: [
      ...system.map(field),
      { ...field('Name'), autoNumber: false, createable: true, updateable: true, type: 'string', length: 80 },
      {
        ...field('Account__c'),
        name: 'RecordTypeId',
        label: 'Record Type ID',
        referenceTo: ['RecordType'],
        custom: false,
        relationshipName: 'RecordType',
      },
      {
        ...field('External_Code__c'),
        name: 'Key__c',
        label: 'Key',
        type: 'string',
        length: 40,
        externalId: true,
        idLookup: true,
        unique: true,
      },
      {
        ...field('Contact_Phone__c'),
        name: 'Origin__c',
        label: 'Origin',
        type: 'string',
        length: 40,
        updateable: false,
      },
      { ...field('Contact_Phone__c'), name: 'Phone__c', label: 'Phone', type: 'string', length: 40 },
      field('Region__c'),
      field('Tags__c'),
    ],
  }
  return visit
}

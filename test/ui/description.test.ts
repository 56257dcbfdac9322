import { describe, expect, it } from 'vitest'
import { completeField } from '../../src/org/complete-description.ts'
import type { ObjectDescription } from '../../src/org/object-description.ts'
import { renderCsvTemplate, renderFields, renderObjects } from '../../src/ui/description.ts'
import { renderLimits } from '../../src/ui/limits.ts'

const plain = completeField({ name: 'Name', label: 'Account Name', length: 255 })

const readOnly = { createable: false, updateable: false }

const account: ObjectDescription = {
  name: 'Account',
  label: 'Account',
  keyPrefix: '001',
  createable: true,
  updateable: true,
  deletable: false,
  queryable: true,
  fields: [
    { ...plain, name: 'Id', label: 'Account ID', type: 'id', length: 18, nillable: false, idLookup: true, ...readOnly },
    { ...plain, nillable: false },
    { ...plain, name: 'Amount__c', label: 'Amount', type: 'currency', length: 0, precision: 18, scale: 2 },
    { ...plain, name: 'ERP_Id__c', label: 'ERP Id', length: 40, externalId: true, unique: true, idLookup: true },
    { ...plain, name: 'OwnerId', label: 'Owner', type: 'reference', length: 18, referenceTo: ['Group', 'User'] },
    {
      ...plain,
      name: 'Score__c',
      label: 'Score',
      type: 'double',
      length: 0,
      precision: 4,
      calculated: true,
      ...readOnly,
    },
    { ...plain, name: 'CurrencyIsoCode', label: 'Currency', type: 'picklist', length: 3, updateable: false },
  ],
}

describe('a description', () => {
  it('is a table of fields', () => {
    expect(renderFields(account)).toEqual([
      'name             type                     length  required  key                  write           label',
      'Amount__c        currency                   18,2                                                 Amount',
      'CurrencyIsoCode  picklist                      3                                 on insert only  Currency',
      'ERP_Id__c        string                       40            external ID, unique                  ERP Id',
      'Id               id                           18            Id                   never           Account ID',
      'Name             string                      255  yes                                            Account Name',
      'OwnerId          reference Group or User      18                                                 Owner',
      'Score__c         double                        4                                 never: formula  Score',
    ])
  })

  it('is the header of a CSV with the fields that can be written', () => {
    expect(renderCsvTemplate(account)).toBe('Name,Amount__c,ERP_Id__c,OwnerId,CurrencyIsoCode')
  })

  it('is a table of objects', () => {
    expect(renderObjects([account])).toEqual([
      'name     prefix  allows                 label',
      'Account  001     query, insert, update  Account',
    ])
  })
})

describe('limits', () => {
  it('are a table with those of loads first', () => {
    const limits = {
      ConcurrentAsyncGetReportInstances: { Max: 200, Remaining: 200 },
      DailyApiRequests: { Max: 15_000, Remaining: 14_250 },
      DataStorageMB: { Max: 5, Remaining: -1 },
      HourlyODataCallout: { Max: 0, Remaining: 0 },
    }
    expect(renderLimits(limits)).toEqual([
      'limit                                left      of   used',
      'DailyApiRequests                   14,250  15,000    5 %',
      'DataStorageMB                          -1       5  120 %',
      'ConcurrentAsyncGetReportInstances     200     200    0 %',
      'HourlyODataCallout                      0       0',
    ])
  })
})

import { defineWriteCommand, upsertOptions } from './write-command.ts'

export const upsertCommand = defineWriteCommand({
  name: 'upsert',
  summary: 'insert or update by external ID',
  details: 'The field of --external-id says which record; one that is not there yet is created.',
  examples: [
    { about: 'rehearse on the local org', line: 'sfbulk upsert Account accounts.csv -i ERP_Id__c -o local' },
    { about: 'send the rejected rows again', line: 'sfbulk upsert Account accounts.errors.csv -i ERP_Id__c' },
  ],
  options: upsertOptions,
})

import { operations } from '../operations.ts'
import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import { insertOptions, updateOptions, upsertOptions } from './write-command.ts'

const check = optionGroup('Check')

export const checkOptions = {
  describe: check.texts(
    '--describe <file>',
    'ask no org: descriptions as `describe --json` prints them; may be given again',
  ),
  online: check.toggle('--online', 'also ask the org: parents, keys, what would be created or changed'),
  ...upsertOptions,
  ...updateOptions,
  ...insertOptions,
  externalId: { ...upsertOptions.externalId, required: false },
}

export const checkCommand = defineCommand({
  name: 'check',
  summary: 'every check of a write that needs no write',
  details:
    'Reads the rows as the operation would and sends nothing, the same as --dry-run on the operation. Rows that Salesforce ' +
    'would surely refuse are grouped by problem, with their first lines, and stand in the errors file.',
  arguments: [
    { name: '<operation>', about: Object.keys(operations).join(', ') },
    { name: '<sobject>', about: 'API name of the object, such as Account or Invoice__c' },
    { name: '[file]', about: 'CSV, or .csv.gz; - or none for standard input' },
  ],
  options: checkOptions,
  examples: [
    { about: 'before a migration', line: 'sfbulk check upsert Account accounts.csv -i ERP_Id__c' },
    {
      about: 'without an org',
      line: 'sfbulk check insert Contact contacts.csv --describe contact.json',
    },
  ],
  exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
  load: () => import('./run-check.ts'),
})

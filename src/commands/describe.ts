import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import { orgOptions, talkOptions } from './options.ts'

const result = optionGroup('Result')

export const describeOptions = {
  json: { ...result.toggle('--json', "the org's own description, as JSON"), conflicts: ['csvTemplate'] },
  csvTemplate: result.toggle('--csv-template', 'a CSV header with the fields that can be written'),
  ...orgOptions,
  quiet: talkOptions.quiet,
  verbose: talkOptions.verbose,
}

export const describeCommand = defineCommand({
  name: 'describe',
  summary: 'fields of an object, or the list of objects',
  arguments: [{ name: '[sobject]', about: 'API name of the object; none for the list' }],
  options: describeOptions,
  examples: [
    { about: 'name, type, length, required, key and label of each field', line: 'sfbulk describe Account' },
    { about: 'begin a file to load', line: 'sfbulk describe Contact --csv-template > contacts.csv' },
  ],
  exits: ['done', 'failed', 'usage', 'denied', 'unfinished'],
  load: () => import('./run-describe.ts'),
})

import { defineCommand } from './command.ts'
import { fileArgument, objectOptions } from './sync-options.ts'

export const syncAddCommand = defineCommand({
  name: 'sync add',
  summary: 'add an object to a sync file, or change one',
  details:
    'An object that the file has gets the fields, the condition and the pattern that are given; rows and edits stay, and the next pull reads all of it.',
  arguments: [fileArgument],
  options: objectOptions,
  examples: [
    { about: 'one more object', line: 'sfbulk sync add crm.db --object Account --fields Name,Phone' },
    {
      about: 'other fields of one that is there',
      line: 'sfbulk sync add crm.db --object Lead --fields LastName,Company,Status',
    },
  ],
  exits: ['done', 'failed', 'usage', 'denied', 'unfinished'],
  load: () => import('./run-sync-add.ts'),
})

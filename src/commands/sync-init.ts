import { defineCommand } from './command.ts'
import { fileArgument, objectOptions } from './sync-options.ts'

export const syncInitCommand = defineCommand({
  name: 'sync init',
  summary: 'make a SQLite file with tables of objects',
  details:
    'Makes a table for each object, named as it, with the fields as columns. Nothing is read yet: `sfbulk sync pull` fills the tables. Any SQLite client may edit them; `sfbulk sync run` sends what was edited and reads what has changed.',
  arguments: [fileArgument],
  options: objectOptions,
  examples: [
    {
      about: 'a copy of six fields of all leads',
      line: 'sfbulk sync init crm.db --object Lead --fields FirstName,MiddleName,LastName,Title,Company',
    },
    { about: 'several objects at once', line: 'sfbulk sync init crm.db --config sync.yaml' },
  ],
  exits: ['done', 'failed', 'usage', 'denied', 'unfinished'],
  load: () => import('./run-sync-init.ts'),
})

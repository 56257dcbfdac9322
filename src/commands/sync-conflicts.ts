import { defineCommand } from './command.ts'
import { talkOptions } from './options.ts'
import { fileArgument } from './sync-options.ts'

export const syncConflictsCommand = defineCommand({
  name: 'sync conflicts',
  summary: 'list the conflicts of a sync file',
  details:
    'Each field that was changed here and in the org, with the value that both had and those that they have now. `sfbulk sync resolve` decides them.',
  arguments: [fileArgument],
  options: { json: talkOptions.json },
  examples: [
    { about: 'in a table', line: 'sfbulk sync conflicts crm.db' },
    { about: 'for a script', line: 'sfbulk sync conflicts crm.db --json' },
  ],
  exits: ['done', 'failed', 'usage', 'rejected'],
  load: () => import('./run-sync-conflicts.ts'),
})

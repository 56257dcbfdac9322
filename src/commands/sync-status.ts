import { defineCommand } from './command.ts'
import { talkOptions } from './options.ts'
import { fileArgument } from './sync-options.ts'

export const syncStatusCommand = defineCommand({
  name: 'sync status',
  summary: 'tell what waits in a sync file',
  details:
    'What was edited and not sent yet, what is in conflict, what was rejected and why, and when each object was synced last. The org is not asked.',
  arguments: [fileArgument],
  options: { json: talkOptions.json },
  examples: [
    { about: 'in a table', line: 'sfbulk sync status crm.db' },
    { about: 'for a script', line: 'sfbulk sync status crm.db --json' },
  ],
  exits: ['done', 'failed', 'usage', 'rejected'],
  load: () => import('./run-sync-status.ts'),
})

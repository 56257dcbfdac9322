import { defineCommand } from './command.ts'
import { fileArgument, syncWatchOptions } from './sync-options.ts'

export const syncWatchCommand = defineCommand({
  name: 'sync watch',
  summary: 'sync again and again',
  details:
    'Runs until it is stopped. While the org cannot be reached it tries again after pauses that grow; edits may go on meanwhile.',
  arguments: [fileArgument],
  options: syncWatchOptions,
  examples: [
    { about: 'every five minutes', line: 'sfbulk sync watch crm.db --every 5m' },
    { about: 'one object alone', line: 'sfbulk sync watch crm.db --every 1h --object Lead' },
  ],
  exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
  load: () => import('./run-sync-watch.ts'),
})

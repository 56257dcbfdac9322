import { defineCommand } from './command.ts'
import { fileArgument, syncPullOptions } from './sync-options.ts'

export const syncPullCommand = defineCommand({
  name: 'sync pull',
  summary: 'read into a sync file what has changed in the org',
  details:
    'Reads all rows the first time and those that have changed since then. Rows that were edited here are merged field by field; nothing is sent.',
  arguments: [fileArgument],
  options: syncPullOptions,
  examples: [
    { about: 'what has changed', line: 'sfbulk sync pull crm.db' },
    { about: 'all rows of one object', line: 'sfbulk sync pull crm.db --object Lead --full' },
  ],
  exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
  load: async () => {
    const { runSyncCommand } = await import('./run-sync.ts')
    return { run: (call) => runSyncCommand('pull', call) }
  },
})

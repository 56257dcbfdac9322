import { defineCommand } from './command.ts'
import { fileArgument, syncPushOptions } from './sync-options.ts'

export const syncPushCommand = defineCommand({
  name: 'sync push',
  summary: 'send what was edited in a sync file',
  details:
    'Sends new rows, parents first, then changes, then deletions. Records are looked at immediately before they are written; one that was changed in the same field meanwhile is a conflict and is left alone.',
  arguments: [fileArgument],
  options: syncPushOptions,
  examples: [
    { about: 'send what was edited', line: 'sfbulk sync push crm.db' },
    { about: 'nothing while there is a conflict', line: 'sfbulk sync push crm.db --strict' },
  ],
  exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
  load: async () => {
    const { runSyncCommand } = await import('./run-sync.ts')
    return { run: (call) => runSyncCommand('push', call) }
  },
})

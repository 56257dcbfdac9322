import { defineCommand } from './command.ts'
import { fileArgument, syncRunOptions } from './sync-options.ts'

export const syncRunCommand = defineCommand({
  name: 'sync run',
  summary: 'push what was edited, then pull what has changed',
  details:
    'What cron calls. Broken off anywhere, the next run ends where this one would have: nothing is sent twice, and no edit is lost.',
  arguments: [fileArgument],
  options: syncRunOptions,
  examples: [
    { about: 'both ways', line: 'sfbulk sync run crm.db' },
    { about: 'with an account for a script', line: 'sfbulk sync run crm.db --json' },
  ],
  exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
  load: async () => {
    const { runSyncCommand } = await import('./run-sync.ts')
    return { run: (call) => runSyncCommand('run', call) }
  },
})

import { defineCommand } from './command.ts'
import { talkOptions } from './options.ts'
import { fileArgument } from './sync-options.ts'

export const syncBackupCommand = defineCommand({
  name: 'sync backup',
  summary: 'copy a sync file while it is in use',
  details: 'The copy is the file as it is at one moment, and is checked. It is a sync file itself.',
  arguments: [fileArgument, { name: '<copy>', about: 'file that does not exist yet' }],
  options: { json: talkOptions.json, quiet: talkOptions.quiet },
  examples: [
    { about: 'beside the file', line: 'sfbulk sync backup crm.db crm-backup.db' },
    { about: 'with the day in its name', line: 'sfbulk sync backup crm.db crm-$(date +%F).db' },
  ],
  exits: ['done', 'failed', 'usage'],
  load: () => import('./run-sync-backup.ts'),
})

import { defineCommand } from './command.ts'
import { fileArgument } from './sync-options.ts'
import { syncResolveOptions } from './sync-resolve-options.ts'

export const syncResolveCommand = defineCommand({
  name: 'sync resolve',
  summary: 'decide conflicts of a sync file',
  details:
    'Our value stays and is sent by the next push; theirs comes into the table at once. Without a choice each conflict is asked about on the terminal. The org is not asked.',
  arguments: [fileArgument],
  options: syncResolveOptions,
  examples: [
    { about: 'all as they are in the org', line: 'sfbulk sync resolve crm.db --theirs' },
    { about: 'one field as it is here', line: 'sfbulk sync resolve crm.db --object Lead --field Title --ours' },
    { about: 'by rules', line: 'sfbulk sync resolve crm.db --rules rules.yaml' },
  ],
  exits: ['done', 'failed', 'usage', 'rejected'],
  load: () => import('./run-sync-resolve.ts'),
})

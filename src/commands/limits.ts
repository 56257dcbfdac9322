import { defineCommand } from './command.ts'
import { orgOptions, talkOptions } from './options.ts'

export const limitsOptions = { ...orgOptions, ...talkOptions }

export const limitsCommand = defineCommand({
  name: 'limits',
  summary: 'what the org has left today',
  arguments: [],
  options: limitsOptions,
  examples: [
    { about: 'API calls, storage and the other allowances', line: 'sfbulk limits' },
    { about: 'API calls left, for a script', line: 'sfbulk limits --json | jq .DailyApiRequests.Remaining' },
  ],
  exits: ['done', 'failed', 'usage', 'denied', 'unfinished'],
  load: () => import('./run-limits.ts'),
})

import { defineCommand } from './command.ts'
import { localOrgOptions } from './options.ts'

export const orgResetCommand = defineCommand({
  name: 'org reset',
  summary: 'empty the local org: every record and job',
  arguments: [],
  options: localOrgOptions,
  examples: [
    { about: 'start a rehearsal afresh', line: 'sfbulk org reset' },
    { about: 'empty an org kept in a file of its own', line: 'sfbulk org reset --data test.db' },
  ],
  exits: ['done', 'failed', 'usage'],
  load: () => import('./run-org-reset.ts'),
})

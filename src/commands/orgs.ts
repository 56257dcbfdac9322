import { defineCommand } from './command.ts'
import { talkOptions } from './options.ts'

export const orgsOptions = { json: talkOptions.json }

export const orgsCommand = defineCommand({
  name: 'orgs',
  summary: 'the saved connections',
  details: 'Shows no secret and asks no org. `sfbulk login --check -o <alias>` tells whether one still works.',
  arguments: [],
  options: orgsOptions,
  examples: [
    { about: 'a table', line: 'sfbulk orgs' },
    { about: 'the aliases, for a script', line: "sfbulk orgs --json | jq -r '.orgs[].alias'" },
  ],
  exits: ['done', 'usage'],
  load: () => import('./run-orgs.ts'),
})

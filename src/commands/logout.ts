import { defineCommand } from './command.ts'
import { talkOptions } from './options.ts'

export const logoutOptions = { ...talkOptions }

export const logoutCommand = defineCommand({
  name: 'logout',
  summary: 'forget a saved connection',
  details:
    'Takes the connection and its secrets from this machine. The refresh token of a login made in a browser is revoked at ' +
    'the org, too.',
  arguments: [{ name: '<alias>', about: 'as `sfbulk orgs` lists it' }],
  options: logoutOptions,
  examples: [
    { about: 'forget one', line: 'sfbulk logout prod' },
    { about: 'forget all', line: "sfbulk orgs --json | jq -r '.orgs[].alias' | xargs -n 1 sfbulk logout" },
  ],
  exits: ['done', 'usage'],
  load: () => import('./run-logout.ts'),
})

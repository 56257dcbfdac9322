import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import { localOrgOptions, talkOptions } from './options.ts'

const serving = optionGroup('Local org')

export const orgStartOptions = {
  port: serving.integer('--port <n>', 'port on 127.0.0.1; default: a free one', 0, 65_535),
  data: localOrgOptions.data,
  objects: serving.text(
    '--objects <folder>',
    'more objects: describe JSON files, as sfbulk describe --json prints them',
  ),
  json: talkOptions.json,
}

export const orgStartCommand = defineCommand({
  name: 'org start',
  summary: 'serve the local org to other programs until Ctrl-C',
  details:
    'Prints the address and what to log in with. With --json that is one line: {"url", "username", "password", ' +
    '"securityToken", "accessToken", "clientId", "clientSecret"}.',
  arguments: [],
  options: orgStartOptions,
  examples: [
    { about: 'serve the org that -o local uses, on a port of your choice', line: 'sfbulk org start --port 8080' },
    {
      about: 'an org of its own, for a script to read the connection from',
      line: 'sfbulk org start --data test.db --json',
    },
  ],
  exits: ['done', 'failed', 'usage'],
  load: () => import('./run-org-start.ts'),
})

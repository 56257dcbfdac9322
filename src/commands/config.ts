import { defineCommand } from './command.ts'
import { callOptions, inputOptions, orgOptions, sendOptions, talkOptions, undoOption } from './options.ts'

export const configOptions = { json: talkOptions.json }

/** Options for which a config file may hold a value. */
export const configurableOptions = {
  ...orgOptions,
  ...sendOptions,
  ...callOptions,
  ...inputOptions,
  ...undoOption,
  ...talkOptions,
}

export const configCommand = defineCommand({
  name: 'config',
  summary: 'every setting, its value and where it comes from',
  details:
    'An option of the command line goes before the environment, then the .env file, then sfbulk.config.yaml in the current ' +
    'folder, then sfbulk.config.yaml in SFBULK_HOME, then the default. Secrets are shown as ***.',
  arguments: [],
  options: configOptions,
  examples: [
    { about: 'a table', line: 'sfbulk config' },
    { about: 'where does the org come from?', line: "sfbulk config --json | jq '.settings[0]'" },
  ],
  exits: ['done', 'usage'],
  load: () => import('./run-config.ts'),
})

import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import { orgOptions, talkOptions } from './options.ts'

const login = optionGroup('Login')
const doctor = optionGroup('Sign-in doctor')
const browser = optionGroup('In a browser')

export const loginOptions = {
  alias: login.text('--alias <name>', 'name for --target-org; default: the user name'),
  instanceUrl: login.text(
    '-r, --instance-url <url>',
    'login host or My Domain; default: SF_LOGIN_URL, or https://login.salesforce.com',
  ),
  username: login.text('--username <name>', 'by user name and password, which are asked for'),
  stdin: login.toggle('--stdin', 'read the SF_… variables from standard input, in the form of a .env file'),
  protected: login.toggle('--protected', 'each write to this org asks first, and demands --yes in scripts'),
  web: browser.toggle('--web', 'in a browser, whatever the environment holds'),
  browser: browser.toggle('--no-browser', 'print the address instead of opening a browser'),
  clientId: browser.text('-i, --client-id <id>', 'consumer key of the app; default: SF_CLIENT_ID'),
  callbackPort: browser.integer(
    '--callback-port <n>',
    'the app has http://localhost:<n>/OauthRedirect as callback URL; default: 1717',
    1,
    65_535,
  ),
  check: {
    ...doctor.toggle('--check', 'look at a connection and say what is wrong and what to do; saves nothing'),
    conflicts: ['alias', 'username', 'stdin', 'protected', 'web', 'clientId', 'instanceUrl', 'callbackPort'],
  },
  ...orgOptions,
  ...talkOptions,
}

export const loginCommand = defineCommand({
  name: 'login',
  summary: 'save a connection for --target-org',
  details:
    'Logs in by the SF_… variables of the environment or a .env file; without them, on a terminal, in a browser. Secrets ' +
    'go to the keychain of the operating system, or else into a file that nobody but you can read; never onto the ' +
    'command line.',
  arguments: [],
  options: loginOptions,
  examples: [
    {
      about: 'in a browser, by an External Client App of your org',
      line: 'sfbulk login --alias prod --client-id 3MVG9… -r https://mycompany.my.salesforce.com',
    },
    { about: 'does this connection work, and for how long?', line: 'sfbulk login --check -o prod' },
  ],
  exits: ['done', 'failed', 'usage', 'denied', 'unfinished'],
  load: () => import('./run-login.ts'),
})

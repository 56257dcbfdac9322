import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'

const general = optionGroup('General')
const pruning = optionGroup('Pruning')

export const runsOptions = { json: general.toggle('--json', 'one JSON object on stdout') }

export const runsCommand = defineCommand({
  name: 'runs',
  summary: 'past runs and their accounts',
  details: 'Every write and every Bulk query is a run, kept in SFBULK_HOME/runs. The latest come first.',
  arguments: [],
  options: runsOptions,
  examples: [
    { about: 'all runs', line: 'sfbulk runs' },
    {
      about: 'those that wait to be carried on',
      line: 'sfbulk runs --json | jq \'.runs[] | select(.state == "waiting")\'',
    },
  ],
  exits: ['done', 'usage'],
  load: () => import('./run-runs.ts'),
})

export const runsShowCommand = defineCommand({
  name: 'runs show',
  summary: 'account, jobs and files of a run, and how to go on',
  arguments: [{ name: '[run]', about: 'id of a run or its beginning; default: last, the latest' }],
  options: runsOptions,
  examples: [
    { about: 'the latest run', line: 'sfbulk runs show' },
    { about: 'a run by the beginning of its id', line: 'sfbulk runs show 20261121-1353' },
  ],
  exits: ['done', 'usage'],
  load: () => import('./run-runs-show.ts'),
})

export const runsPruneOptions = {
  olderThan: pruning.days('--older-than <days>', 'age of the runs that go, such as 30d; default: 30d'),
  ...runsOptions,
}

export const runsPruneCommand = defineCommand({
  name: 'runs prune',
  summary: 'delete the records of old runs',
  details: 'Runs that are at work, or wait to be carried on, are kept whatever their age.',
  arguments: [],
  options: runsPruneOptions,
  examples: [
    { about: 'what is older than 30 days', line: 'sfbulk runs prune' },
    { about: 'what is older than a week', line: 'sfbulk runs prune --older-than 7d' },
  ],
  exits: ['done', 'usage'],
  load: () => import('./run-runs-prune.ts'),
})

import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import { callOptions, orgOptions, sendOptions, talkOptions } from './options.ts'

const undoing = optionGroup('Undoing')
const results = optionGroup('Results')
const { dryRun, api, failFast, wait, jobBytes, parallelJobs } = sendOptions

export const undoOptions = {
  yes: undoing.toggle('-y, --yes', 'do not ask on a terminal, nor on a protected org'),
  force: undoing.toggle('--force', 'put back also what was changed since the run'),
  ...orgOptions,
  errors: results.text(
    '--errors <file>',
    'records that were not put back; - for stdout, none for not at all; default: undo-<run>.errors.csv',
  ),
  success: results.text('--success <file>', 'records that were; likewise; default: undo-<run>.success.csv'),
  dryRun,
  api,
  failFast,
  wait,
  jobBytes,
  parallelJobs,
  ...callOptions,
  ...talkOptions,
}

export const undoCommand = defineCommand({
  name: 'undo',
  summary: 'put back what a run changed',
  details:
    'Deletes what the run created, gives back the former values of what it changed (for which the run needs --undo), and ' +
    'brings back from the recycle bin what it deleted. Records that somebody else has changed since are left as they ' +
    'are: they stand in undo-<run>.errors.csv. An undo is a run of its own, which can be resumed, and undone.',
  arguments: [{ name: '<run>', about: 'id of the run, or its beginning; last for the latest' }],
  options: undoOptions,
  examples: [
    { about: 'what would be put back', line: 'sfbulk undo 20261121-135323-k7qd --dry-run' },
    { about: 'put back what the latest run changed', line: 'sfbulk undo last' },
  ],
  exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
  load: () => import('./run-undo.ts'),
})

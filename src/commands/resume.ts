import { defineCommand } from './command.ts'
import { callOptions, orgOptions, progressOption, talkOptions, waitOption } from './options.ts'

export const resumeOptions = { ...waitOption, ...callOptions, ...orgOptions, ...talkOptions, ...progressOption }

export const resumeCommand = defineCommand({
  name: 'resume',
  summary: 'carry on an interrupted or timed-out run',
  details:
    'Collects what was sent, sends what was not, and writes the files that the run would have written undisturbed. No row is ' +
    'sent twice. The org is that of the run unless another way to it is given; input and mapping must be what they were.',
  arguments: [{ name: '[run]', about: 'id of a run or its beginning; default: last, the latest' }],
  options: resumeOptions,
  examples: [
    { about: 'the latest run', line: 'sfbulk resume' },
    {
      about: 'a run that was submitted with --async, ten minutes at most',
      line: 'sfbulk resume 20261121-1353 --wait 10',
    },
  ],
  exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
  load: () => import('./run-resume.ts'),
})

import { defineCommand } from './command.ts'

/** What the completion scripts ask on each Tab. */
export const completeCommand = defineCommand({
  name: 'complete',
  hidden: true,
  summary: 'the words that may stand at the end of a line',
  arguments: [{ name: '[words...]', about: 'the words after sfbulk up to the cursor, after --' }],
  options: {},
  examples: [],
  exits: ['done'],
  load: () => import('./run-complete.ts'),
})

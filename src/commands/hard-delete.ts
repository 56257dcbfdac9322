import { defineWriteCommand, hardDeleteOptions } from './write-command.ts'

export const hardDeleteCommand = defineWriteCommand({
  name: 'hard-delete',
  options: hardDeleteOptions,
  summary: 'delete rows by Id, past the recycle bin',
  details:
    'Only the column Id is sent, and nothing can be restored. The user needs the permission "Bulk API Hard Delete".',
  examples: [
    { about: 'delete for good', line: 'sfbulk hard-delete Task tasks.csv' },
    { about: 'stop at the first row that is refused', line: 'sfbulk hard-delete Task tasks.csv --fail-fast' },
  ],
})

import { defineWriteCommand, deleteOptions } from './write-command.ts'

export const deleteCommand = defineWriteCommand({
  name: 'delete',
  options: deleteOptions,
  summary: 'delete rows by Id, into the recycle bin',
  details: 'Only the column Id is sent. The file is the answer to any question: none is asked.',
  examples: [
    { about: 'delete the records of a file', line: 'sfbulk delete Account obsolete.csv' },
    {
      about: 'delete what a query finds',
      line: 'sfbulk query "SELECT Id FROM Task WHERE Status = \'Completed\'" | sfbulk delete Task -',
    },
  ],
})

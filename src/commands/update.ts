import { defineWriteCommand, updateOptions } from './write-command.ts'

export const updateCommand = defineWriteCommand({
  name: 'update',
  options: updateOptions,
  summary: 'change rows by Id',
  details: 'The column Id says which record; empty cells leave a field alone unless --empty-as-null is given.',
  examples: [
    { about: 'change what the file says', line: 'sfbulk update Account accounts.csv' },
    {
      about: 'read, transform and write back',
      line: 'sfbulk query "SELECT Id, Phone FROM Contact" | ./clean-phones | sfbulk update Contact -',
    },
  ],
})

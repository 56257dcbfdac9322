import { defineWriteCommand, insertOptions } from './write-command.ts'

export const insertCommand = defineWriteCommand({
  name: 'insert',
  options: insertOptions,
  summary: 'create rows',
  details: 'Every row becomes a new record.',
  examples: [
    { about: 'load a file', line: 'sfbulk insert Contact contacts.csv' },
    {
      about: 'a column that is called otherwise, results under other names',
      line: 'sfbulk insert Lead leads.csv --map Surname=LastName --errors bad.csv --success none',
    },
  ],
})

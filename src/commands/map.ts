import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import { inputOptions, orgOptions, talkOptions } from './options.ts'

const result = optionGroup('Result')

export const mapOptions = {
  interactive: { ...result.toggle('--interactive', 'ask on the terminal about each column'), conflicts: ['json'] },
  json: result.toggle('--json', 'the proposal as one JSON object'),
  columnDelimiter: inputOptions.columnDelimiter,
  encoding: inputOptions.encoding,
  ...orgOptions,
  quiet: talkOptions.quiet,
  verbose: talkOptions.verbose,
}

export const mapCommand = defineCommand({
  name: 'map',
  summary: 'propose a mapping of a CSV to an object and print it as a mapping file',
  details:
    'Columns are matched by API name, by label, by like names, and by what their first thousand cells look like: an email, ' +
    'an Id, a date, a German number. Each guess has a note. Columns that fit no field are listed under ignore, and fields ' +
    'that a new record needs are named. The file is for --mapping.',
  arguments: [
    { name: '<sobject>', about: 'API name of the object, such as Account or Invoice__c' },
    { name: '<file>', about: 'CSV, or .csv.gz; - for standard input' },
  ],
  options: mapOptions,
  examples: [
    { about: 'look at it, then load by it', line: 'sfbulk map Account firms.csv > firms.yaml' },
    { about: 'decide about each column', line: 'sfbulk map Contact people.csv --interactive > people.yaml' },
  ],
  exits: ['done', 'failed', 'usage', 'denied', 'unfinished'],
  load: () => import('./run-map.ts'),
})

import { formats } from '../formats/record-writer.ts'
import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import { callOptions, orgOptions, progressOption, talkOptions, waitOption } from './options.ts'

const result = optionGroup('Result')
const changes = optionGroup('Changes since the last run')

export const queryOptions = {
  file: result.text('-f, --file <file>', 'read the query from a file; - for standard input'),
  output: result.text(
    '--output <file>',
    'write to a file instead of stdout, or - for stdout; compressed if it ends in .gz',
  ),
  format: result.choice('--format <name>', "default: by the output's name, else csv", formats),
  csvSafe: result.toggle('--csv-safe', 'an apostrophe before cells that a spreadsheet would calculate'),
  splitRows: result.integer('--split-rows <n>', 'rows of a file: rows-001.csv, rows-002.csv, …', 1, 1_000_000_000),
  all: result.toggle('--all', 'deleted and archived rows as well'),
  map: result.texts('--map <field=header>', 'name a column; may be given again'),
  mapping: result.text('--mapping <file>', 'a mapping file the other way round: columns, names, formats; CSV alone'),
  api: result.choice('--api <name>', 'default: auto, which costs fewest API calls', ['auto', 'bulk', 'soap']),
  incremental: changes.toggle('--incremental', 'only the rows that are new, changed or deleted since the last run'),
  state: changes.text('--state <file>', 'where --incremental keeps what it has delivered'),
  overlap: changes.positive(
    '--overlap <minutes>',
    'read again before the last run, for late transactions; default: 15',
  ),
  report: result.text('--report <file>', 'a page of HTML about the query: rows, pace, files'),
  ...waitOption,
  ...callOptions,
  ...orgOptions,
  ...talkOptions,
  ...progressOption,
}

export const queryCommand = defineCommand({
  name: 'query',
  summary: 'extract rows by SOQL',
  details:
    'Rows come in the columns of the SELECT and are counted: few by a synchronous call, many by a job of Bulk API 2.0, ' +
    'spelt the same either way. A query that breaks off leaves <output>.partial, never <output>. What the Bulk API does ' +
    'not answer (aggregates, subqueries, OFFSET) is asked through the synchronous API.',
  arguments: [{ name: '[soql]', about: 'the query; or --file' }],
  options: queryOptions,
  examples: [
    { about: 'rows to a file', line: 'sfbulk query "SELECT Id, Name FROM Account" --output accounts.csv' },
    {
      about: 'typed columns for analysis, a million rows a file',
      line: 'sfbulk query --file leads.soql --output leads.parquet --split-rows 1000000',
    },
    {
      about: 'each night what changed',
      line: 'sfbulk query --file leads.soql --incremental --state leads.state --output changes.csv',
    },
    {
      about: 'from one org into another',
      line: 'sfbulk query --file leads.soql -o local | sfbulk upsert Lead - -i ERP_Id__c',
    },
  ],
  exits: ['done', 'failed', 'usage', 'denied', 'unfinished'],
  load: () => import('./run-query.ts'),
})

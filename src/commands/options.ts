import { progressStyles } from '../ui/progress-styles.ts'
import { optionGroup } from './option.ts'

const connection = optionGroup('Connection')
const input = optionGroup('Input')
const mapping = optionGroup('Mapping')
const results = optionGroup('Results')
const sending = optionGroup('Sending')
const general = optionGroup('General')

/** Every command that talks to an org. */
export const orgOptions = {
  targetOrg: connection.text(
    '-o, --target-org <alias>',
    'which org: an alias saved by login, local, or a login of the Salesforce CLI',
  ),
  apiVersion: connection.text('--api-version <n>', 'Salesforce API version, such as 66.0; default: the newest'),
}

/** Names of the characters that may stand between cells, as the Bulk API has them. */
const delimiters = ['comma', 'semicolon', 'tab', 'pipe', 'caret', 'backquote'] as const

/** Every command that reads a CSV. */
export const inputOptions = {
  columnDelimiter: input.choice('--column-delimiter <name>', 'default: detected', delimiters),
  encoding: input.text('--encoding <name>', 'of the input, such as windows-1252; default: detected'),
  nullValue: input.anyText('--null-value <text>', 'cells with this text become null; default: #N/A'),
  spool: input.toggle('--no-spool', 'keep no copy of standard input; the run cannot be resumed then'),
  emptyAsNull: input.toggle('--empty-as-null', 'empty cells become null instead of leaving the field alone'),
}

/** Every command that gives columns to fields. */
export const mappingOptions = {
  map: mapping.texts('--map <column=field>', 'send a column to a field; may be given again'),
  mapping: mapping.text('--mapping <file>', 'mapping file (.yaml, .json, or a .sdl of Data Loader)'),
}

/** Every command that writes rows to an org. */
export const resultOptions = {
  errors: results.text(
    '--errors <file>',
    'rejected rows; - for stdout, none for not at all; default: <input>.errors.csv',
  ),
  success: results.text('--success <file>', 'accepted rows; likewise; default: <input>.success.csv'),
}

/** Every load of a CSV. */
export const reportOption = {
  report: results.text('--report <file>', 'a page of HTML about the run: counts, pace, reasons, first rows of each'),
}

/** Writes whose former values may be wanted back. */
export const undoOption = {
  undo: results.toggle('--undo', 'keep how the records were, so that sfbulk undo can put that back'),
}

/** Every command that waits for jobs. */
export const waitOption = {
  wait: sending.minutes('-w, --wait <minutes>', 'how long to wait for jobs; default: until they end'),
}

/** Writes that can leave their answers to a later run. */
const asyncOption = {
  async: sending.toggle('-a, --async', 'submit, print the id of the run, return; resume collects'),
}

export const sendOptions = {
  dryRun: sending.toggle('--dry-run', 'check and plan, send nothing, tell what it would cost'),
  api: sending.choice('--api <name>', 'default: auto, which costs fewest API calls', ['auto', 'bulk', 'soap']),
  check: sending.toggle('--no-check', 'leave it to the service to refuse rows that cannot be right'),
  failFast: sending.toggle('--fail-fast', 'stop at the first rejected row'),
  maxRejects: sending.share('--max-rejects <n>', 'stop when more rows are rejected: a number, or percent such as 5%'),
  ...asyncOption,
  lockRetries: sending.integer(
    '--lock-retries <n>',
    'rounds for rows that were locked; default: 3, 0 for none',
    0,
    100,
  ),
  ...waitOption,
  jobBytes: sending.integer('--job-bytes <n>', 'most bytes of a job; default: 100000000', 1, 100_000_000),
  parallelJobs: sending.integer('--parallel-jobs <n>', 'jobs that run at once; default: 4', 1, 25),
}

/** Every command that writes to an org. */
export const yesOption = {
  yes: sending.toggle('-y, --yes', 'no question before a --where write or on a protected org'),
}

/** Writes that may look at the records of the org first. */
export const changeOptions = {
  onlyChanged: sending.toggle('--only-changed', 'read the records first and send only rows that would change one'),
  onlyEmpty: sending.toggle('--only-empty', 'fill only fields that are empty in the org'),
}

/** Upsert alone. */
export const neverInsertOption = {
  neverInsert: sending.toggle('--never-insert', 'change records that are there, create none'),
}

const calls = optionGroup('API calls')

/** Every command that may cost many calls. */
export const callOptions = {
  maxApiCalls: calls.integer('--max-api-calls <n>', 'stop before more calls are made', 1, 1_000_000_000),
  reserve: calls.integer('--reserve <percent>', "stop when no more of the org's daily calls are left", 0, 100),
  cache: calls.toggle('--no-cache', 'ask for descriptions that an earlier run has kept'),
}

/** Writes of leads and cases, which assignment rules give to their owners. */
export const ruleOption = {
  assignmentRule: sending.text(
    '--assignment-rule <id>',
    'of leads and cases: Id of a rule; with --api soap also default',
  ),
}

const soap = optionGroup('With --api soap')

/** What a SOAP call can be told besides its rows. */
export const soapOptions = {
  allOrNone: soap.toggle('--all-or-none', 'a rejected row undoes its whole call of up to 200'),
  allowDuplicates: soap.toggle('--allow-duplicates', 'write also where a duplicate rule warns'),
  feedTracking: soap.toggle('--no-feed-tracking', 'changes do not show in feeds'),
}

const selection = optionGroup('Records to write')

/** Writes that may find their records in the org instead of in a file. */
export const selectionOptions = {
  where: selection.text('--where <condition>', 'take the Ids from a query with this SOQL condition instead of a file'),
}

/** Update alone: what the selected records get. */
export const setOption = {
  set: selection.texts('--set <field=value>', 'with --where: value for each record; may be given again'),
}

/** Every command that talks while it works. */
export const talkOptions = {
  json: general.toggle('--json', 'one JSON object on stdout when done'),
  quiet: { ...general.toggle('-q, --quiet', 'only errors'), conflicts: ['verbose'] },
  verbose: general.toggle('-v, --verbose', 'each HTTP call, secrets struck out'),
}

/** Every command that works for longer. */
export const progressOption = {
  progress: general.choice(
    '--progress <style>',
    'default: auto, which is a line on a terminal, else lines',
    progressStyles,
  ),
}

const place = optionGroup('Local org')

/** Every command about the local org. */
export const localOrgOptions = {
  data: place.text('--data <file>', 'its records and jobs; default: the file that -o local uses'),
}

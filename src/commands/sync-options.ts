import { patterns } from '../sync/sync-object.ts'
import { optionGroup } from './option.ts'
import { callOptions, orgOptions, sendOptions, talkOptions, yesOption } from './options.ts'

const copy = optionGroup('What is copied')
const work = optionGroup('Sync')

/** The file of every sync command. */
export const fileArgument = { name: '<file>', about: 'the SQLite file, such as crm.db' }

export const objectOptions = {
  object: copy.text('--object <name>', 'API name of the object'),
  fields: copy.text('--fields <list>', 'API names with commas between; default: all that a table can keep'),
  where: copy.text('--where <condition>', 'SOQL condition of the records that are copied; default: all'),
  pattern: copy.choice('--pattern <name>', 'default: conflicts', patterns),
  externalId: copy.text('-i, --external-id <field>', 'create by this key, so that no record is created twice'),
  files: copy.text(
    '--files <folder>',
    'keep contents of files (Attachment, ContentVersion) there, their paths in the table',
  ),
  config: copy.text('--config <file>', 'a YAML file with all of it'),
  ...callOptions,
  ...orgOptions,
  ...talkOptions,
}

const only = { object: work.texts('--object <name>', 'this object alone; may be given again; default: all') }
const pull = {
  full: work.toggle('--full', 'read all rows, and not those alone that have changed'),
  sweep: work.toggle('--sweep', 'look now for records that are gone, as is done once a day'),
}
const push = {
  strict: work.toggle('--strict', 'send nothing while there is a conflict anywhere'),
  api: sendOptions.api,
  ...yesOption,
}
const common = { ...callOptions, ...orgOptions, ...talkOptions }

export const syncPullOptions = { ...only, ...pull, ...common }
export const syncPushOptions = { ...only, ...push, ...common }
export const syncRunOptions = { ...only, ...pull, ...push, ...common }

export const syncWatchOptions = {
  every: { ...work.text('--every <time>', 'pause between syncs, such as 30s, 5m or 1h'), required: true },
  ...syncRunOptions,
}

import { defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import {
  inputOptions,
  mappingOptions,
  orgOptions,
  progressOption,
  reportOption,
  resultOptions,
  sendOptions,
  talkOptions,
  yesOption,
} from './options.ts'

const files = optionGroup('Files')
const download = optionGroup('Download')

const uploadOptions = {
  as: files.choice('--as <kind>', 'what a row becomes; default: attachment', ['attachment', 'file']),
  operation: files.choice('--operation <name>', 'default: insert', ['insert', 'update', 'upsert', 'delete']),
  externalId: files.text('-i, --external-id <field>', 'key of an upsert; default: Id'),
  allowOutside: files.toggle('--allow-outside', "send files that lie outside of the manifest's folder, too"),
  parallelCalls: files.integer('--parallel-calls <n>', 'requests that run at once; default: 3', 1, 10),
}

export const attachOptions = {
  ...uploadOptions,
  download: {
    ...download.text('--download <soql>', 'write the bodies that a query finds to files'),
    conflicts: Object.keys(uploadOptions).filter((name) => name !== 'parallelCalls'),
  },
  to: download.text('--to <folder>', 'where the files and their manifest go'),
  ...orgOptions,
  ...inputOptions,
  ...mappingOptions,
  ...resultOptions,
  ...reportOption,
  failFast: sendOptions.failFast,
  ...yesOption,
  ...talkOptions,
  ...progressOption,
}

export const attachCommand = defineCommand({
  name: 'attach',
  summary: 'upload attachments and files that a CSV lists, or download them',
  details:
    'Each row of the manifest becomes an Attachment: ParentId, Name, and Body_FileURL with the path of a file beside the ' +
    'manifest, or Body with the content in base64. With --as file it becomes a File: PathOnClient, Title, VersionData with ' +
    'the path, LinkedEntityId with the Ids of the records that show it. Rows go by SOAP, in calls as full as they may be. ' +
    'A row whose file cannot be sent stands in the errors file, and the others go on.',
  arguments: [{ name: '[file]', about: 'the manifest: CSV, or .csv.gz; - or none for standard input' }],
  options: attachOptions,
  examples: [
    { about: 'upload what a manifest lists', line: 'sfbulk attach manifest.csv' },
    {
      about: 'bodies to files, with a manifest that can be loaded again',
      line: 'sfbulk attach --download "SELECT Id FROM Attachment WHERE Parent.Type = \'Account\'" --to attachments',
    },
  ],
  exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
  load: () => import('./run-attach.ts'),
})

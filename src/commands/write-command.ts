import type { OperationName } from '../operations.ts'
import { type Command, defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import {
  inputOptions,
  mappingOptions,
  orgOptions,
  resultOptions,
  selectionOptions,
  sendOptions,
  setOption,
  soapOptions,
  talkOptions,
} from './options.ts'

const key = optionGroup('Key')

/** Options that every write takes. */
export const writeOptions = {
  ...orgOptions,
  ...inputOptions,
  ...mappingOptions,
  ...resultOptions,
  ...sendOptions,
  ...soapOptions,
  ...talkOptions,
}

/** Those of upsert. */
export const upsertOptions = {
  externalId: {
    ...key.text('-i, --external-id <field>', 'field that identifies a record: an external ID, or Id'),
    required: true,
  },
  ...writeOptions,
}

/** Those of delete and hard-delete, which may select their records by a condition. */
export const deleteOptions = { ...selectionOptions, ...writeOptions }

/** Those of update, which may set values on the records that it selects. */
export const updateOptions = { ...selectionOptions, ...setOption, ...writeOptions }

/** What a write says of itself besides what all writes have in common. */
interface WriteDeclaration {
  readonly name: OperationName
  readonly summary: string
  readonly details: string
  readonly examples: Command['examples']
  readonly options?: typeof writeOptions
}

/** Declares one of the commands that write rows. */
export function defineWriteCommand({
  name,
  options = writeOptions,
  details,
  ...declaration
}: WriteDeclaration): Command {
  return defineCommand({
    name,
    ...declaration,
    details: `${details} ${commonDetails}`,
    arguments: [
      { name: '<sobject>', about: 'API name of the object, such as Account or Invoice__c' },
      { name: '[file]', about: 'CSV, or .csv.gz; - or none for standard input' },
    ],
    options,
    exits: ['done', 'failed', 'usage', 'rejected', 'denied', 'unfinished'],
    load: async () => {
      const { runWrite } = await import('./run-write.ts')
      return { run: (call) => runWrite(name, call) }
    },
  })
}

const commonDetails =
  'Columns go to the fields of the same API name or label. Every row of the input stands afterwards in exactly one of ' +
  'two files beside it: <input>.success.csv or <input>.errors.csv. Mend the errors file and send it by the same command.'

import type { OperationName } from '../operations.ts'
import { type Command, defineCommand } from './command.ts'
import { optionGroup } from './option.ts'
import {
  callOptions,
  changeOptions,
  inputOptions,
  mappingOptions,
  neverInsertOption,
  orgOptions,
  progressOption,
  reportOption,
  resultOptions,
  ruleOption,
  selectionOptions,
  sendOptions,
  setOption,
  soapOptions,
  talkOptions,
  undoOption,
  yesOption,
} from './options.ts'

const key = optionGroup('Key')

const sending = {
  ...orgOptions,
  ...inputOptions,
  ...mappingOptions,
  ...resultOptions,
  ...reportOption,
  ...undoOption,
  ...sendOptions,
  ...yesOption,
  ...callOptions,
}

/** Options that every write takes. */
export const writeOptions = { ...sending, ...talkOptions, ...progressOption }

/** Those of insert. */
export const insertOptions = { ...sending, ...ruleOption, ...soapOptions, ...talkOptions, ...progressOption }

/** Those of upsert. */
export const upsertOptions = {
  externalId: {
    ...key.text('-i, --external-id <field>', 'field that identifies a record: an external ID, or Id'),
    required: true,
  },
  ...changeOptions,
  ...neverInsertOption,
  ...insertOptions,
}

/** Those of update, which may set values on records that it selects by a condition. */
export const updateOptions = { ...selectionOptions, ...setOption, ...changeOptions, ...insertOptions }

/** Those of delete, which may select its records by a condition. */
export const deleteOptions = { ...selectionOptions, ...sending, ...soapOptions, ...talkOptions, ...progressOption }

/** Those of hard-delete, likewise. */
export const hardDeleteOptions = {
  ...selectionOptions,
  ...writeOptions,
  // It is refused there, which a default for all writes must not lead to.
  undo: { ...undoOption.undo, inConfig: false },
}

/** What a write says of itself besides what all writes have in common. */
interface WriteDeclaration {
  readonly name: OperationName
  readonly summary: string
  readonly details: string
  readonly examples: Command['examples']
  readonly options: typeof writeOptions
}

/** Declares one of the commands that write rows. */
export function defineWriteCommand({ name, options, details, ...declaration }: WriteDeclaration): Command {
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

import { optionGroup } from './option.ts'
import { talkOptions } from './options.ts'

const choice = optionGroup('Which side stands')
const selection = optionGroup('Which conflicts')

export const syncResolveOptions = {
  ours: { ...choice.toggle('--ours', "this file's values"), conflicts: ['theirs', 'newest', 'rules'] },
  theirs: { ...choice.toggle('--theirs', "the org's values"), conflicts: ['newest', 'rules'] },
  newest: { ...choice.toggle('--newest', 'whichever was changed later, by the clocks of both'), conflicts: ['rules'] },
  rules: choice.text('--rules <file>', 'a YAML file that says it by object and field'),
  object: selection.text('--object <name>', 'of this object alone'),
  id: selection.text('--id <id>', 'of this record alone'),
  field: selection.text('--field <name>', 'of this field alone'),
  json: talkOptions.json,
  quiet: talkOptions.quiet,
}

import { operations } from '../operations.ts'

/** A word that may stand where the cursor is. */
export interface Candidate {
  readonly value: string
  readonly about: string
}

/** What may stand there: words, and whether names of files may, too. */
export interface Candidates {
  readonly words: readonly Candidate[]
  readonly files: boolean
}

/** A command as far as its line can be completed. */
export interface CompletableCommand {
  readonly name: string
  readonly summary: string
  readonly arguments: readonly { readonly name: string; readonly about: string }[]
  readonly options: Readonly<Record<string, CompletableOption>>
}

export interface CompletableOption {
  /** `-w, --wait <minutes>` */
  readonly flags: string
  readonly about: string
  /** The only words that it takes, where it takes no others. */
  readonly words?: readonly string[]
}

/** Names that are known without asking an org. */
export interface KnownNames {
  objects(): Promise<readonly string[]>
  /** API names of an object's fields; none where the object is not known. */
  fields(object: string): Promise<readonly string[]>
  aliases(): Promise<readonly string[]>
  runs(): Promise<readonly string[]>
}

/**
 * What may stand in place of the last of `words`, which are those after `sfbulk` up to the cursor, the last one possibly
 * empty. Shells show those that begin with what was typed; all that fit the place are returned.
 */
export async function findCandidates(
  commands: readonly CompletableCommand[],
  words: readonly string[],
  known: KnownNames,
): Promise<Candidates> {
  const typed = joinEquals(words)
  const current = typed.at(-1) ?? ''
  const command = findCommand(commands, typed.slice(0, -1))
  if (command === undefined) return { words: nextCommandWords(commands, typed.slice(0, -1)), files: false }

  const before = typed.slice(command.name.split(' ').length, -1)
  const line = readLine(command, before)
  const place = command.arguments.findIndex(({ name }) => placeholder(name) === 'sobject')
  const object = line.places[place] ?? line.values.get('--object')
  const placeOf = (text: string, typed: string) => candidatesFor(text, { typed, object, known })

  const inline = /^(--[a-z-]+)=/.exec(current)
  if (inline !== null) {
    const option = findOption(command, inline[1] ?? '')
    const values = option === undefined ? nothing : await valuesOf(option, current.slice(inline[0].length), placeOf)
    return { ...values, words: values.words.map((each) => ({ ...each, value: `${inline[0]}${each.value}` })) }
  }
  if (line.waiting !== undefined) return valuesOf(line.waiting, current, placeOf)
  if (current.startsWith('-')) return { words: optionWords(command, before), files: false }
  const argument = command.arguments[line.places.length]
  return argument === undefined ? nothing : placeOf(argument.name, current)
}

const nothing: Candidates = { words: [], files: false }

/** bash hands over `--api=soap` as three words, and `Surname=LastName`, too. */
function joinEquals(words: readonly string[]): readonly string[] {
  const joined: string[] = []
  for (const [index, word] of words.entries()) {
    const follows = word === '=' || words[index - 1] === '='
    if (follows && joined.length > 0) joined.push(`${joined.pop()}${word}`)
    else joined.push(word)
  }
  return joined
}

/** The command of one or two words with which the line begins; `help upsert` counts as none. */
function findCommand(
  commands: readonly CompletableCommand[],
  words: readonly string[],
): CompletableCommand | undefined {
  const named = (count: number) => commands.find(({ name }) => name === words.slice(0, count).join(' '))
  return (words.length > 1 ? named(2) : undefined) ?? (words.length > 0 ? named(1) : undefined)
}

/** First words of all commands, or second words of the commands of a group. */
function nextCommandWords(commands: readonly CompletableCommand[], words: readonly string[]): readonly Candidate[] {
  const path = words[0] === 'help' ? words.slice(1) : words
  const found = new Map<string, Candidate>()
  for (const { name, summary } of commands) {
    const parts = name.split(' ')
    const value = parts[path.length]
    if (value === undefined || !path.every((word, index) => word === parts[index])) continue
    if (!found.has(value)) found.set(value, { value, about: parts.length > path.length + 1 ? '' : summary })
  }
  if (words.length === 0) found.set('help', { value: 'help', about: 'show the help of a command' })
  return [...found.values()]
}

/** The positional words of a line, the values of its options, and the option at its end that still waits for its value. */
function readLine(command: CompletableCommand, words: readonly string[]) {
  const places: string[] = []
  const values = new Map<string, string>()
  let waiting: CompletableOption | undefined
  for (const [index, word] of words.entries()) {
    if (waiting !== undefined) {
      values.set(words[index - 1] ?? '', word)
      waiting = undefined
    } else if (!word.startsWith('-') || word === '-') places.push(word)
    else if (!word.includes('=')) waiting = takesValue(findOption(command, word))
  }
  return { places, values, waiting }
}

function takesValue(option: CompletableOption | undefined): CompletableOption | undefined {
  return option !== undefined && placeholder(option.flags) !== '' ? option : undefined
}

function findOption(command: CompletableCommand, flag: string): CompletableOption | undefined {
  return Object.values(command.options).find(({ flags }) => flags.split(/[ ,]+/).includes(flag))
}

/** The long flags that were not given yet. */
function optionWords(command: CompletableCommand, given: readonly string[]): readonly Candidate[] {
  const all = [...Object.values(command.options), { flags: '-h, --help', about: 'show this help' }]
  return all
    .filter(({ flags }) => !flags.split(/[ ,]+/).some((flag) => flag.startsWith('-') && given.includes(flag)))
    .map(({ flags, about }) => ({ value: /--[a-z-]+/.exec(flags)?.[0] ?? flags, about }))
}

async function valuesOf(
  option: CompletableOption,
  typed: string,
  placeOf: (text: string, typed: string) => Promise<Candidates>,
): Promise<Candidates> {
  if (option.words === undefined) return placeOf(option.flags, typed)
  return { words: option.words.map((value) => ({ value, about: '' })), files: false }
}

/** `file` of `--errors <file>` and of `[file]`. */
function placeholder(text: string): string {
  return /[<[]([^>\]]+)[>\]]/.exec(text)?.[1] ?? ''
}

interface Place {
  /** What stands there so far. */
  readonly typed: string
  /** The object that the line names. */
  readonly object: string | undefined
  readonly known: KnownNames
}

/** What stands for the placeholder of an argument, `<sobject>`, or of an option, `--field <name>`. */
async function candidatesFor(text: string, { typed, object, known }: Place): Promise<Candidates> {
  const name = placeholder(text)
  const listed = (values: readonly string[]): Candidates => ({
    words: values.map((value) => ({ value, about: '' })),
    files: false,
  })
  const fields = async () => (object === undefined ? [] : await known.fields(object))
  if (/(^|\.)(file|folder|copy|csv|yaml|db|sdl)(\.|$)/.test(name)) return { words: [], files: true }
  if (name === 'sobject' || text.startsWith('--object ')) return listed(await known.objects())
  if (name === 'field' || text.startsWith('--field ')) return listed(await fields())
  // Behind what is typed already: another one of the list, the field of a column.
  if (text.startsWith('--fields ')) return listed((await fields()).map((field) => `${upTo(typed, ',')}${field}`))
  if (name === 'field=value') return listed((await fields()).map((field) => `${field}=`))
  if (name === 'column=field') {
    return typed.includes('=') ? listed((await fields()).map((field) => `${upTo(typed, '=')}${field}`)) : nothing
  }
  if (name === 'alias') return listed(await known.aliases())
  if (name === 'run') return listed(await known.runs())
  if (name === 'operation') return listed(Object.keys(operations))
  if (name.includes('|')) return listed(name.split('|'))
  return nothing
}

/** A text up to and with the last of a character; '' where there is none. */
function upTo(text: string, character: string): string {
  return text.slice(0, text.lastIndexOf(character) + 1)
}

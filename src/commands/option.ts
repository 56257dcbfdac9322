import { UsageError } from '../errors.ts'
import { formatCount } from '../format-count.ts'

/** An option of the command line: how it is written, and how its text becomes a value. */
export interface OptionDeclaration<Value> {
  /** Heading of the help under which it stands. */
  readonly heading: string
  /** `-w, --wait <minutes>` */
  readonly flags: string
  readonly about: string
  /** Whether the command cannot do without it. */
  readonly required?: boolean
  /** Options, by the name of their value, that cannot be given together with it. */
  readonly conflicts?: readonly string[]
  /** False: a config file does not give it. */
  readonly inConfig?: boolean
  /** The only words that it takes, where it takes no others. */
  readonly words?: readonly string[]
  /** Reads the text after the option; `before` is the value of the same option earlier on the line. None for a switch. */
  read?(text: string, before: Value | undefined): Value
}

/** By the name under which a command finds the value: the long flag in camel case. */
export type OptionDeclarations = Readonly<Record<string, OptionDeclaration<unknown>>>

/** What a command gets for its declarations: a value, or `undefined` where the option was not given. */
export type OptionValues<Declarations extends OptionDeclarations> = {
  readonly [Name in keyof Declarations]: ValueOf<Declarations[Name]> | undefined
}

type ValueOf<Declaration> = Declaration extends OptionDeclaration<infer Value> ? Value : never

/** Constructors for the options that stand under one heading of the help. */
export function optionGroup(heading: string) {
  return {
    /** A switch: true when given. */
    toggle(flags: string, about: string): OptionDeclaration<boolean> {
      return { heading, flags, about }
    },

    /** Text; an empty one is refused. */
    text(flags: string, about: string): OptionDeclaration<string> {
      return { heading, flags, about, read: (text) => requireText(flags, text) }
    },

    /** Text that may be empty. */
    anyText(flags: string, about: string): OptionDeclaration<string> {
      return { heading, flags, about, read: (text) => text }
    },

    /** Given any number of times; the values in the order typed. */
    texts(flags: string, about: string): OptionDeclaration<readonly string[]> {
      return { heading, flags, about, read: (text, before = []) => [...before, requireText(flags, text)] }
    },

    /** One of a few words. */
    choice<const Word extends string>(flags: string, about: string, words: readonly Word[]): OptionDeclaration<Word> {
      const read = (text: string) =>
        words.find((word) => word === text) ?? refuse(flags, text, `one of ${words.join(', ')}`)
      return { heading, flags, about: `${about} (${words.join(', ')})`, words, read }
    },

    /** A whole number between two others. */
    integer(flags: string, about: string, least: number, most: number): OptionDeclaration<number> {
      const allowed = `a whole number from ${formatCount(least)} to ${formatCount(most)}`
      const read = (text: string) => {
        const value = /^[0-9]{1,15}$/.test(text) ? Number(text) : Number.NaN
        return value >= least && value <= most ? value : refuse(flags, text, allowed)
      }
      return { heading, flags, about, read }
    },

    /** A number of days, with or without the letter: `30d`. */
    days(flags: string, about: string): OptionDeclaration<number> {
      const read = (text: string) => {
        const [, value] = /^([0-9]{1,5})d?$/.exec(text) ?? []
        return value === undefined ? refuse(flags, text, 'a number of days such as 30d') : Number(value)
      }
      return { heading, flags, about, read }
    },

    /** A number of rows, or percent of them. */
    share(flags: string, about: string): OptionDeclaration<{ readonly rows: number } | { readonly percent: number }> {
      const read = (text: string) => {
        const [, rows, percent] = /^([0-9]{1,15})$|^([0-9]{1,2}(?:\.[0-9]+)?|100)%$/.exec(text) ?? []
        if (rows !== undefined) return { rows: Number(rows) }
        return percent === undefined
          ? refuse(flags, text, 'a number of rows or percent of them, such as 100 or 5%')
          : { percent: Number(percent) }
      }
      return { heading, flags, about, read }
    },

    /** A number above zero; fractions are allowed. */
    positive(flags: string, about: string): OptionDeclaration<number> {
      const read = (text: string) => {
        const value = readNumber(text) ?? 0
        return value > 0 ? value : refuse(flags, text, 'a number above 0')
      }
      return { heading, flags, about, read }
    },

    /** A number of minutes, which may be none; fractions are allowed. */
    minutes(flags: string, about: string): OptionDeclaration<number> {
      return { heading, flags, about, read: (text) => readNumber(text) ?? refuse(flags, text, 'a number of minutes') }
    },
  }
}

function readNumber(text: string): number | undefined {
  return /^[0-9]{1,9}(\.[0-9]+)?$/.test(text) ? Number(text) : undefined
}

/** The values of a call in which none of the options was given. */
export function noValues<Declarations extends OptionDeclarations>(
  declarations: Declarations,
): OptionValues<Declarations> {
  // TypeScript does not know that the keys of the one are those of the other.
  return Object.fromEntries(Object.keys(declarations).map((name) => [name, undefined])) as OptionValues<Declarations>
}

/** The long name in a declaration's flags: `--wait`. */
function longFlag(flags: string): string {
  return /--[a-z-]+/.exec(flags)?.[0] ?? flags
}

function requireText(flags: string, text: string): string {
  return text === '' ? refuse(flags, text, 'some text') : text
}

function refuse(flags: string, got: string, allowed: string): never {
  throw new UsageError(`${longFlag(flags)} takes ${allowed}, not ${JSON.stringify(got)}`, { code: 'OPTION_VALUE' })
}

import { parse } from 'dotenv'
import { UsageError } from '../errors.ts'

/**
 * Variables of a `.env` file. An unquoted value ends at `#`, which cuts passwords short without a word, so that is a
 * `UsageError` for the variables named.
 */
export function parseEnvFile(path: string, text: string, names: ReadonlySet<string>): Readonly<Record<string, string>> {
  for (const [, name, value] of text.matchAll(unquotedLine)) {
    if (name === undefined || value === undefined || !names.has(name) || !/\S#/.test(value)) continue
    throw new UsageError(`The value of ${name} in ${path} contains #, where an unquoted value ends`, {
      code: 'ENV_FILE',
      hint: `Put the value in single quotes: ${name}='…'`,
    })
  }
  return parse(text)
}

const unquotedLine = /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*([^\s'"`#][^\r\n]*)$/gm

import { parse } from 'dotenv'
import { UsageError } from '../errors.ts'

/**
 * Variables of a `.env` file. An unquoted value ends at `#`, which cuts passwords short without a word, and a line without `=` is
 * passed over likewise, so either is a `UsageError` for the variables named.
 */
export function parseEnvFile(path: string, text: string, names: ReadonlySet<string>): Readonly<Record<string, string>> {
  for (const [, name, value] of text.matchAll(unquotedLine)) {
    if (name === undefined || value === undefined || !names.has(name) || !/\S#/.test(value)) continue
    throw new UsageError(`The value of ${name} in ${path} contains #, where an unquoted value ends`, {
      code: 'ENV_FILE',
      hint: `Put the value in single quotes: ${name}='…'`,
    })
  }
  const values = parse(text)
  for (const [, name] of text.matchAll(lineWithoutSign)) {
    if (name === undefined || !names.has(name) || values[name] !== undefined) continue
    throw new UsageError(`${path} names ${name} without =, so that it has no value`, {
      code: 'ENV_FILE',
      hint: `Write ${name}=VALUE, or take the line off`,
    })
  }
  return values
}

const unquotedLine = /^[ \t]*(?:export[ \t]+)?(\w+)[ \t]*=[ \t]*([^\s'"`#][^\r\n]*)$/gm

const lineWithoutSign = /^[ \t]*(?:export[ \t]+)?(\w+)(?:[ \t]+(?![ \t=:#])|:(?![ \t]))[^\r\n]+$/gm

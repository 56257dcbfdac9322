import { configurableOptions } from './config.ts'
import { listSettings } from './config-defaults.ts'
import type { OptionDeclaration } from './option.ts'

/** JSON Schema of `sfbulk.config.yaml`, for editors; `schemas/config.schema.json` is written from it. */
export function renderConfigSchema(): object {
  const settings = listSettings(configurableOptions).map(({ key, option }) => [
    key,
    { description: option.about, ...typeOf(option) },
  ])
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'sfbulk.config.yaml',
    description: 'Defaults for options of sfbulk. What is typed or stands in the environment goes before it.',
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(settings),
  }
}

function typeOf({ flags, read, words }: OptionDeclaration<unknown>): object {
  if (words !== undefined) return { enum: words }
  if (read === undefined) return { type: 'boolean' }
  return /<(n|percent|minutes)>/.test(flags) ? { type: ['number', 'string'] } : { type: 'string' }
}

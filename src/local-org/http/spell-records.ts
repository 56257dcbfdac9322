import { randomUUID } from 'node:crypto'
import type { Engine, QueryColumn } from '../engine.ts'
import { spellDouble } from '../jobs/spell-number.ts'
import { isObject } from './api-request.ts'

/**
 * An answer with records as JSON, with the numbers of floating types spelt as the service does in every API: `5.0`,
 * `1.2345678E7`. Source: Salesforce knowledge article 000221617.
 * @param columns of an aggregate query, whose values have no field to tell their type
 */
export function spellRecords(engine: Engine, answer: unknown, columns: readonly QueryColumn[]): string {
  const typesByObject = new Map<string, ReadonlyMap<string, string>>([
    ['AggregateResult', new Map(columns.map(({ name, type }) => [name, type]))],
  ])
  function typeOf(object: string, field: string): string | undefined {
    let types = typesByObject.get(object)
    if (types === undefined) {
      types = new Map(engine.describe(object)?.fields.map(({ name, type }) => [name, type]))
      typesByObject.set(object, types)
    }
    return types.get(field)
  }
  function mark(this: unknown, key: string, value: unknown): unknown {
    if (typeof value !== 'number' || !isObject(this) || !isObject(this.attributes)) return value
    const type = typeOf(String(this.attributes.type), key) ?? ''
    return floating.has(type) ? `${marker}${spellDouble(value)}` : value
  }
  return JSON.stringify(answer, mark).replace(marked, '$1')
}

const floating: ReadonlySet<string> = new Set(['double', 'currency', 'percent'])

/** JSON has no way to say how a number is spelt: such a one goes in as a text that no record holds. */
const marker = `number ${randomUUID()} `
const marked = new RegExp(`"${marker}([^"]*)"`, 'g')

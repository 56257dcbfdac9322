import type { Engine, QueryColumn } from '../engine.ts'
import { spellDouble } from '../jobs/spell-number.ts'
import { isObject } from './api-request.ts'
import { escapeXml } from './soap-xml.ts'

/**
 * Makes the function that spells a record, as REST has it, in XML: `type`, `Id` twice where it is selected and once as
 * nil where it is not, then the fields. Bodies are in it as base64.
 * @param columns of an aggregate query, whose values have no field to tell their type
 */
export function createSpeller(
  engine: Engine,
  columns: readonly QueryColumn[] = [],
): (record: Readonly<Record<string, unknown>>, element: string) => string {
  const types = new Map<string, ReadonlyMap<string, string>>()
  types.set('AggregateResult', new Map(columns.map(({ name, type }) => [name, type])))

  function typesOf(object: string): ReadonlyMap<string, string> {
    const known = types.get(object)
    if (known !== undefined) return known
    const fields = engine.describe(object)?.fields ?? []
    const made = new Map(fields.map(({ name, type }) => [name, type]))
    types.set(object, made)
    return made
  }

  function spellRecord(record: Readonly<Record<string, unknown>>, element: string): string {
    const type = isObject(record.attributes) ? String(record.attributes.type) : ''
    const fieldTypes = typesOf(type)
    const id = typeof record.Id === 'string' ? `<sf:Id>${record.Id}</sf:Id>`.repeat(2) : '<sf:Id xsi:nil="true"/>'
    const fields = Object.entries(record)
      .filter(([name]) => name !== 'attributes' && name !== 'Id')
      .map(([name, value]) => spellField(name, value, fieldTypes.get(name) ?? 'string'))
    return `<${element} xsi:type="sf:sObject"><sf:type>${type}</sf:type>${id}${fields.join('')}</${element}>`
  }

  function spellField(name: string, value: unknown, type: string): string {
    if (value === null) return `<sf:${name} xsi:nil="true"/>`
    if (!isObject(value)) return `<sf:${name}>${spellValue(engine, value, type)}</sf:${name}>`
    if ('attributes' in value) return spellRecord(value, `sf:${name}`)
    if (!Array.isArray(value.records)) return spellCompound(name, value, type)
    const records = value.records.map((child: unknown) => (isObject(child) ? spellRecord(child, 'records') : ''))
    return `<sf:${name} xsi:type="QueryResult"><done>true</done><queryLocator xsi:nil="true"/>${records.join('')}<size>${records.length}</size></sf:${name}>`
  }

  return spellRecord
}

/** An address or a place: its parts are elements of the API's own namespace. */
function spellCompound(name: string, parts: Readonly<Record<string, unknown>>, type: string): string {
  const inner = Object.entries(parts).map(([part, value]) =>
    value === null ? `<${part} xsi:nil="true"/>` : `<${part}>${escapeXml(String(value))}</${part}>`,
  )
  return `<sf:${name} xsi:type="${type}">${inner.join('')}</sf:${name}>`
}

function spellValue(engine: Engine, value: unknown, type: string): string {
  switch (type) {
    case 'datetime':
      return String(value).replace(/\+0000$/, 'Z')
    case 'double':
    case 'currency':
    case 'percent':
      return spellDouble(Number(value))
    case 'base64':
      return readBody(engine, String(value))
    default:
      return escapeXml(String(value))
  }
}

/** REST has the address of a body: `/services/data/v66.0/sobjects/Attachment/00P…/Body`. */
function readBody(engine: Engine, address: string): string {
  const [object = '', id = '', field = ''] = address.split('/').slice(-3)
  return Buffer.concat([...(engine.blob(object, id, field) ?? [])]).toString('base64')
}

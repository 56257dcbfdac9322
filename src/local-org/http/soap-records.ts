import type { ObjectDescription } from '../../org/object-description.ts'
import type { Engine } from '../engine.ts'
import type { JsonRecord } from './json-records.ts'
import { Refusal } from './refusal.ts'
import type { XmlElement } from './soap-xml.ts'

/** A record as a call brings it. */
export interface SoapRecord {
  readonly object: ObjectDescription
  readonly record: JsonRecord
}

/**
 * Reads an sObject: `type`, then any number of `fieldsToNull`, then `Id`, then the fields, in this order and no other.
 * An empty element and one that is nil leave their field alone; only `fieldsToNull` empties one. Throws a refusal for
 * another order, a field that is named twice, and an unknown type. SOAP guide, "sObject", "fieldsToNull".
 */
export function readSoapRecord(engine: Engine, element: XmlElement): SoapRecord {
  const record: Record<string, unknown> = {}
  let stage = 0
  for (const child of element.children) {
    const place = places[child.name] ?? lastPlace
    if (place < stage || (stage === 0 && place !== 1) || (place === 1 && stage === 1)) throw misplaced(child.name)
    stage = place
    if (child.name === 'type') continue
    if (child.name === 'fieldsToNull') setOnce(record, child.text.trim(), null)
    else if (child.children.length > 0) setOnce(record, child.name, readParent(child))
    else if (!child.nil && child.text.trim() !== '') setOnce(record, child.name, child.text)
  }
  const type = element.children[0]?.text.trim() ?? ''
  return { object: findObject(engine, type), record }
}

/** Object by name. Throws the refusal that every call has for one that does not exist. */
export function findObject(engine: Engine, name: string): ObjectDescription {
  const object = engine.describe(name)
  if (object !== undefined) return object
  const message = `sObject type '${name}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. Please reference your WSDL or the describe call for the appropriate names.`
  throw new Refusal(500, 'INVALID_TYPE', message)
}

/** Cuts texts to the length of their fields, as `AllowFieldTruncationHeader` asks for. */
export function truncateTexts({ object, record }: SoapRecord): SoapRecord {
  const entries = Object.entries(record).map(([name, value]): [string, unknown] => {
    const field = object.fields.find((each) => each.name.toLowerCase() === name.toLowerCase())
    const cuts = typeof value === 'string' && field !== undefined && field.length > 0 && truncated.has(field.type)
    return [name, cuts ? value.trim().slice(0, field.length) : value]
  })
  return { object, record: Object.fromEntries(entries) }
}

/** SOAP guide, "AllowFieldTruncationHeader". */
const truncated = new Set(['email', 'encryptedstring', 'multipicklist', 'phone', 'picklist', 'string', 'textarea'])

const places: Readonly<Record<string, number>> = { type: 1, fieldsToNull: 2, Id: 3 }
const lastPlace = 4

/** `<Account><type>Account</type><ERP_Id__c>A1</ERP_Id__c></Account>`: the parent by external ID. */
function readParent(element: XmlElement): JsonRecord {
  const [first, ...keys] = element.children
  if (first?.name !== 'type') throw misplaced(first?.name ?? element.name)
  return { attributes: { type: first.text.trim() }, ...Object.fromEntries(keys.map(({ name, text }) => [name, text])) }
}

function setOnce(record: Record<string, unknown>, name: string, value: unknown): void {
  if (Object.hasOwn(record, name)) throw new Refusal(500, 'INVALID_FIELD', `Duplicate field: ${name}`)
  record[name] = value
}

function misplaced(name: string): Refusal {
  const message = `Element {urn:sobject.partner.soap.sforce.com}${name} invalid at this location in type {urn:sobject.partner.soap.sforce.com}sObject`
  return new Refusal(500, 'soapenv:Client', message)
}

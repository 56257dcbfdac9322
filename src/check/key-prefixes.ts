import type { ObjectDescription } from '../org/object-description.ts'

/** The three characters that Ids of an object begin with, as far as they are known; by the object's API name. */
export type KeyPrefixes = ReadonlyMap<string, string>

/** Prefixes of standard objects, which are the same in every org, and those of the objects that are described. */
export function keyPrefixes(objects: readonly Pick<ObjectDescription, 'name' | 'keyPrefix'>[]): KeyPrefixes {
  const described = objects.flatMap(({ name, keyPrefix }): [string, string][] => (keyPrefix ? [[name, keyPrefix]] : []))
  return new Map([...standard, ...described])
}

/**
 * Prefixes that a reference may hold; undefined where an object is among its targets whose prefix is not known, so that no Id
 * can be refused for its prefix.
 */
export function prefixesOf(referenceTo: readonly string[], known: KeyPrefixes): ReadonlySet<string> | undefined {
  const prefixes = referenceTo.map((object) => known.get(object))
  const all = prefixes.filter((prefix) => prefix !== undefined)
  return all.length === 0 || all.length < prefixes.length ? undefined : new Set(all)
}

/** Source: Salesforce help, "Standard Field Record ID Prefix Decoder"; objects that others commonly refer to. */
const standard: readonly (readonly [string, string])[] = [
  ['Account', '001'],
  ['Asset', '02i'],
  ['Campaign', '701'],
  ['Case', '500'],
  ['Contact', '003'],
  ['ContentDocument', '069'],
  ['ContentVersion', '068'],
  ['Contract', '800'],
  ['Event', '00U'],
  ['Group', '00G'],
  ['Lead', '00Q'],
  ['Opportunity', '006'],
  ['OpportunityLineItem', '00k'],
  ['Order', '801'],
  ['Pricebook2', '01s'],
  ['PricebookEntry', '01u'],
  ['Product2', '01t'],
  ['Profile', '00e'],
  ['RecordType', '012'],
  ['Task', '00T'],
  ['User', '005'],
  ['UserRole', '00E'],
]

import type { ObjectDescription } from '../org/object-description.ts'
import { escapeXml, findUnwritable } from '../org/xml-text.ts'
import { serviceNull } from '../service-null.ts'
import type { SoapCall } from './calls.ts'
import type { SoapColumn } from './columns.ts'
import { spellValue } from './spell-value.ts'

/** What every row of a part has in common. */
export interface RowShape {
  readonly call: SoapCall
  readonly object: ObjectDescription
  readonly columns: readonly SoapColumn[]
}

export type RenderedRow = { readonly xml: string } | { readonly reject: string }

/**
 * The XML of a row; or why it cannot be sent, as a text that begins `LOCAL:`.
 *
 * Cells mean what they mean in Bulk API: an empty one leaves its field alone, `#N/A` makes it null (in a column for a
 * parent, the reference). Elements stand in the order of the WSDL: type, fieldsToNull, Id, fields.
 */
export function renderRow(shape: RowShape, cells: readonly string[]): RenderedRow {
  for (const [index, cell] of cells.entries()) {
    const character = findUnwritable(cell)
    if (character !== undefined) return { reject: explainUnwritable(character, shape.columns[index]) }
  }
  return shape.call.sends === 'ids' ? renderId(shape, cells) : { xml: renderRecord(shape, cells) }
}

/** An Id says by its prefix which object it is of. The call deletes what it is told, so another object's is not sent. */
function renderId({ object, columns }: RowShape, cells: readonly string[]): RenderedRow {
  const id = findRowId(columns, cells)
  if (id === '') return { reject: 'LOCAL:Id is empty' }
  const { name, keyPrefix } = object
  if (keyPrefix !== null && !id.startsWith(keyPrefix)) {
    return { reject: `LOCAL:${id} is no Id of ${name}: those begin with ${keyPrefix}` }
  }
  return { xml: `<ids>${escapeXml(id)}</ids>` }
}

function renderRecord({ object, columns }: RowShape, cells: readonly string[]): string {
  const nulls = new Set<string>()
  const filled = new Set<string>()
  let id = ''
  let fields = ''
  for (const [index, column] of columns.entries()) {
    const cell = cells[index] ?? ''
    const isId = isIdColumn(column)
    const empties = isNull(column, cell)
    if (cell === '' || (isId && empties)) continue
    if (isId) id = `<o:Id>${escapeXml(cell.trim())}</o:Id>`
    else if (empties) nulls.add(column.field.name)
    else {
      filled.add(column.field.name)
      fields += column.parent ? renderParent(column.parent, cell) : renderField(column, cell)
    }
  }
  // A field in both places is a fault of the whole call: a lookup with a column for the Id and one for the key can be.
  const emptied = [...nulls]
    .filter((name) => !filled.has(name))
    .map((name) => `<o:fieldsToNull>${name}</o:fieldsToNull>`)
  return `<sObjects><o:type>${object.name}</o:type>${emptied.join('')}${id}${fields}</sObjects>`
}

/** The record's Id as the row has it; empty where it has none. */
export function findRowId(columns: readonly SoapColumn[], cells: readonly string[]): string {
  return cells[columns.findIndex(isIdColumn)]?.trim() ?? ''
}

function isIdColumn({ field, parent }: SoapColumn): boolean {
  return parent === undefined && field.type === 'id'
}

/** Bulk API trims a text of blanks to nothing, which empties the field; SOAP ignores such an element. */
function isNull({ field }: SoapColumn, cell: string): boolean {
  return cell === serviceNull || (field.type !== 'boolean' && cell.trim() === '')
}

/**
 * A value is written without a type, so that the service reads it as the field's. One that is none would be a fault of the
 * whole call then; marked as a string it is its row's alone.
 */
function renderField({ field }: SoapColumn, cell: string): string {
  const { text, fits } = spellValue(field.type, cell)
  return `<o:${field.name}${fits ? '' : ' xsi:type="xsd:string"'}>${escapeXml(text)}</o:${field.name}>`
}

function renderParent({ element, type, key }: Exclude<SoapColumn['parent'], undefined>, cell: string): string {
  return (
    `<o:${element} xsi:type="o:sObject"><o:type>${type}</o:type>` +
    `<o:${key}>${escapeXml(cell)}</o:${key}></o:${element}>`
  )
}

function explainUnwritable(character: number, column: SoapColumn | undefined): string {
  const code = character.toString(16).toUpperCase().padStart(4, '0')
  return `LOCAL:${column?.field.name} holds the character U+${code}, which XML cannot carry; take it out, or send the row with --api bulk`
}

import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { cellText } from '../csv/cells.ts'
import type { RecordBlock } from '../csv/records.ts'
import type { ComputedCells } from '../load/computed-cells.ts'
import type { NullPolicy } from '../load/encode-row.ts'
import type { CompiledMapping } from '../mapping/compile.ts'
import { escapeXml } from '../org/xml-text.ts'
import { serviceNull } from '../service-null.ts'
import { base64Length, type FileRules, findFile, type LocalFile } from './local-file.ts'
import { linkColumns, type StoreKind } from './manifest-object.ts'

/** A row of a manifest that is sent, or why it is not, as a text that begins `LOCAL:`. */
export type ManifestRow = RowToSend | { readonly reject: string }

export interface RowToSend {
  /** One for each of `ManifestReader.columns`; null is `#N/A`. */
  readonly cells: readonly string[]
  /** The body; undefined where the row says nothing of it, or has it in a cell. */
  readonly file: LocalFile | undefined
  readonly links: Links
  /** Most bytes that the row has in an envelope. */
  readonly bytes: number
}

/** Records that a file is shown at, besides the one that it is first published at. */
export interface Links {
  readonly records: readonly string[]
  /** Empty where the manifest does not say. */
  readonly shareType: string
  readonly visibility: string
}

export interface ManifestTools {
  readonly kind: StoreKind
  readonly mapping: CompiledMapping
  readonly nulls: NullPolicy
  /** Values that are made of cells, where the mapping has any. */
  readonly computed: ComputedCells | undefined
  readonly rules: FileRules
  /** Whether each row becomes a new record, which needs a body. */
  readonly isInsert: boolean
}

const place = 'FirstPublishLocationId'
/** Tags around a cell, and around a record. */
const tagBytes = 120

/** Reads rows of a manifest: what is sent of them, and the file that each names. */
export class ManifestReader {
  /** Names of the fields that are sent, bodies from files apart. */
  readonly columns: readonly string[]
  readonly #tools: ManifestTools
  /** Of the mapping. */
  readonly #names: readonly string[]
  /** Columns of the mapping with the paths of bodies. */
  readonly #paths: readonly number[]

  constructor(tools: ManifestTools) {
    const { kind, mapping, isInsert } = tools
    const names = mapping.columns.map(({ target }) => target.name)
    const paths = [...names.keys()].filter((index) => kind.paths.includes(names[index]!))
    const isFile = kind.object === 'ContentVersion'
    const ownName = names.indexOf(kind.name)
    this.#tools = tools
    this.#names = names
    // A file without a column for its body is the one that it is said to be: PathOnClient.
    this.#paths = isFile && isInsert && paths.length === 0 && ownName >= 0 ? [ownName] : paths
    const own: readonly string[] = [...kind.paths, ...(isFile ? linkColumns : [])]
    const columns = names.filter((name) => !own.includes(name))
    if (isInsert && ownName < 0) columns.push(kind.name)
    const isPlaced = mapping.columns.some(({ target }) => target.field.name === place)
    if (isInsert && names.includes(linkColumns[0]) && !isPlaced) columns.push(place)
    this.columns = columns
  }

  /** Reads a row that has as many cells as the header. */
  async read(block: RecordBlock, record: number): Promise<ManifestRow> {
    const cells = this.#readCells(block, record)
    const path = this.#findPath(cells)
    if (typeof path === 'object') return path
    const file = path === '' ? undefined : await findFile(path, this.#tools.rules)
    if (file !== undefined && 'reject' in file) return file

    const { kind, isInsert } = this.#tools
    // What is null in one place and given in another would be a fault of the whole call.
    if (file !== undefined) cells.set(kind.body, '')
    if (isInsert && file !== undefined && isEmpty(cells.get(kind.name))) cells.set(kind.name, fileName(path))
    const links = this.#takeLinks(cells)
    const sent = this.columns.map((name) => cells.get(name) ?? '')
    return { cells: sent, file, links, bytes: envelopeBytes(this.columns, sent, file) }
  }

  /** The row's path, empty where there is none; or what is wrong with what the row says of its body. */
  #findPath(cells: ReadonlyMap<string, string>): string | { readonly reject: string } {
    const { kind, isInsert } = this.#tools
    const names = this.#paths.map((index) => this.#names[index]!)
    const [path = '', ...more] = names.map((name) => cells.get(name) ?? '').filter((cell) => !isEmpty(cell))
    const given = kind.paths.includes(kind.body) ? '' : (cells.get(kind.body) ?? '')
    const told = given === serviceNull ? '' : given
    if (more.length > 0 || (path !== '' && told !== '')) return { reject: 'LOCAL:the row gives its body twice' }
    if (path !== '') return path
    if (given !== '' && (told === '' || !isBase64(told))) {
      return { reject: `LOCAL:${kind.body} is ${told === '' ? 'null, and a body cannot be taken away' : 'no base64'}` }
    }
    if (!isInsert || told !== '') return ''
    const isInline = names.length === 0 && this.#names.includes(kind.body)
    const lack = isInline ? `${kind.body} is empty` : `${names.join(' and ') || kind.paths[0]} names no file`
    return { reject: `LOCAL:the row has no body: ${lack}` }
  }

  /** Cells by the name of their field, as they are sent. */
  #readCells(block: RecordBlock, record: number): Map<string, string> {
    const first = block.firstCell[record]!
    const { mapping, nulls, computed } = this.#tools
    computed?.evaluate(block, record)
    const computedText = (index: number) => {
      const { bytes, start, end } = computed!.value(index)
      return bytes.toString('utf8', start, end)
    }
    const text = (index: number) => {
      const { from } = mapping.columns[index]!
      if (typeof from === 'object' && 'constant' in from) return from.constant
      const cell =
        typeof from === 'number' ? cellText(block, first + from).replace(/\r\n?/g, '\n') : computedText(index)
      const isNull = cell === '' ? nulls.emptyAsNull : cell === nulls.nullValue
      return isNull && index !== mapping.key ? serviceNull : cell
    }
    return new Map(this.#names.map((name, index) => [name, text(index)]))
  }

  /** A new file is published at the first record that it is linked to, where the row leaves that open: it saves calls. */
  #takeLinks(cells: Map<string, string>): Links {
    const [records = '', shareType = '', visibility = ''] = linkColumns.map((name) => {
      const cell = this.#tools.kind.object === 'ContentVersion' ? cells.get(name) : ''
      return isEmpty(cell) ? '' : cell
    })
    const [first, ...others] = distinctIds(records, cells.get(place) ?? '')
    if (first === undefined) return { records: [], shareType, visibility }
    const isOpen =
      this.columns.includes(place) && [place, 'ContentDocumentId'].every((name) => isEmpty(cells.get(name)))
    if (!isOpen || shareType !== '' || visibility !== '') return { records: [first, ...others], shareType, visibility }
    cells.set(place, first)
    return { records: others, shareType, visibility }
  }
}

/** Ids of a list, each once; a second link to a record would be refused, and so would one to where the file is published. */
function distinctIds(list: string, published: string): readonly string[] {
  // The first 15 of the 18 characters are an Id by themselves.
  const byId = new Map(list.split(/[\s;,]+/).map((id) => [id.slice(0, 15), id]))
  byId.delete('')
  byId.delete(published.slice(0, 15))
  return [...byId.values()]
}

function isEmpty(cell: string | undefined): boolean {
  return cell === undefined || cell === '' || cell === serviceNull
}

function isBase64(text: string): boolean {
  return /^[A-Za-z\d+/\s]+=?\s*=?\s*$/.test(text)
}

function fileName(path: string): string {
  return basename(/^file:/i.test(path) ? fileURLToPath(path) : path)
}

function envelopeBytes(columns: readonly string[], cells: readonly string[], file: LocalFile | undefined): number {
  const fields = columns.map((name, index) => 2 * name.length + Buffer.byteLength(escapeXml(cells[index]!)) + tagBytes)
  return fields.reduce((total, bytes) => total + bytes, tagBytes + (file === undefined ? 0 : base64Length(file.size)))
}

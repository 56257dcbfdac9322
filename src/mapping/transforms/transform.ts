import type { FileReader } from '../file-reader.ts'
import type { Located } from '../located.ts'
import type { KernelStep } from './kernel-step.ts'

/** One step from the text of a cell to the text that is sent. It is total: it gives an answer for any text and never throws. */
export interface Transform {
  /** The new text; or that this one cannot be read. An empty text is given to it only when `takesEmpty` is set. */
  apply(text: string): string | Unreadable
  readonly takesEmpty?: boolean
  /** The same as the kernel does it, one step behind the other; left out where it cannot. */
  readonly kernel?: readonly KernelStep[]
  /** The way back, for a query: the service's spelling as the file has it. None where there is no way back. */
  format?(text: string): string
}

/** Why a text cannot be read: the end of a sentence that begins with the text, such as `is no date dd.MM.yyyy`. */
export interface Unreadable {
  readonly unreadable: string
}

/** A fragment of JSON Schema. */
export type Schema = Readonly<Record<string, unknown>>

/** A row of the table of transforms: how it is written in a mapping file, and what it then does. */
export interface TransformDeclaration {
  readonly name: string
  /** For editors and the documentation. */
  readonly about: string
  /** Whether it may stand as a word: `transform: [trim]`. */
  readonly bare: boolean
  /** What may follow its name; undefined when nothing may. */
  readonly schema: Schema | undefined
  /** Whether it may stand beside `column:` as a key of its own: `date: dd.MM.yyyy`. */
  readonly isKey: boolean
  /** Keys that may stand beside it. */
  readonly companions?: Readonly<Record<string, Schema>>
  /** Reads the options; notes faults in the reader and then gives undefined. `node`: undefined for a bare word. */
  compile(use: TransformUse): Promise<Transform | undefined>
}

export interface TransformUse {
  readonly reader: FileReader
  /** What follows the name; undefined for a bare word. */
  readonly node: Located | undefined
  /** Values of its companions that are given. */
  readonly companions: ReadonlyMap<string, Located>
  /** Where it stands, for messages: `Birthdate: date`. */
  readonly what: string
  readonly line: number
}

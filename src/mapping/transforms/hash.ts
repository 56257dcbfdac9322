import { createHash } from 'node:crypto'
import { readWord } from '../file-reader.ts'
import type { TransformDeclaration } from './transform.ts'

const names = ['sha256', 'sha512', 'sha1', 'md5'] as const

/** The hash of a text, for keys made of several columns and for names that must not leave the house. */
export const hashTransform: TransformDeclaration = {
  name: 'hash',
  about: 'the hash of the text in UTF-8, as hexadecimal digits',
  bare: false,
  isKey: false,
  schema: { enum: names },
  async compile({ reader, node, what }) {
    const name = readWord(reader, node!, what, names)
    return name && { apply: (text) => createHash(name).update(text).digest('hex') }
  },
}

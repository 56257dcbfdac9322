import type { SqlValue } from './database.ts'

/** A row as SQLite keeps it: the types of its values, then the values. Source: https://sqlite.org/fileformat2.html#record_format */
export function encodeRow(values: readonly SqlValue[]): Buffer {
  const encoded = values.map(encodeValue)
  const types = Buffer.concat(encoded.map(({ type }) => encodeVarint(type)))
  // The length of the header counts itself.
  let length = encodeVarint(types.length + 1)
  if (length.length > 1) length = encodeVarint(types.length + length.length)
  return Buffer.concat([length, types, ...encoded.map(({ bytes }) => bytes)])
}

/** A number of up to 53 bits in 7 bits a byte, the highest first. */
export function encodeVarint(value: number): Buffer {
  const bytes = [value % 128]
  for (let rest = Math.floor(value / 128); rest > 0; rest = Math.floor(rest / 128)) bytes.unshift((rest % 128) + 128)
  return Buffer.from(bytes)
}

function encodeValue(value: SqlValue): { readonly type: number; readonly bytes: Buffer } {
  if (value === null) return { type: 0, bytes: Buffer.alloc(0) }
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return { type: 13 + 2 * bytes.length, bytes }
  }
  const bytes = Buffer.alloc(8)
  if (Number.isSafeInteger(value)) {
    bytes.writeBigInt64BE(BigInt(value))
    return { type: 6, bytes }
  }
  bytes.writeDoubleBE(value)
  return { type: 7, bytes }
}

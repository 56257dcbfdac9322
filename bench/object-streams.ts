// What a load by the usual packages is: csv-parse into objects, a Transform that renames and drops columns, csv-stringify, and
// the bytes sent by PUT. `node object-streams.js INPUT URL`
import { createReadStream } from 'node:fs'
import { request } from 'node:http'
import { Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parse } from 'csv-parse'
import { stringify } from 'csv-stringify'
import { accountColumns } from './accounts.ts'

const [input = '', url = ''] = process.argv.slice(2)
const sent = accountColumns.flatMap(([column, field]) => (field === undefined ? [] : [{ column, field }]))
const rename = new Transform({
  objectMode: true,
  transform(row: Record<string, string>, _, done) {
    done(null, Object.fromEntries(sent.map(({ column, field }) => [field, row[column]])))
  },
})
const upload = request(url, { method: 'PUT', headers: { 'content-type': 'text/csv' } })
const answered = new Promise<void>((resolve, reject) => {
  upload.on('response', (response) => response.resume().on('end', resolve))
  upload.on('error', reject)
})
await pipeline(
  createReadStream(input, { highWaterMark: 1 << 20 }),
  parse({ columns: true }),
  rename,
  stringify({ header: true, columns: sent.map(({ field }) => field) }),
  upload,
)
await answered

// The same load by jsforce: upload, wait, results. `node jsforce-load.js UPLOAD URL`
import { createReadStream } from 'node:fs'
import { Connection } from 'jsforce'

const [upload = '', url = ''] = process.argv.slice(2)
const connection = new Connection({ instanceUrl: url, accessToken: 'bench', version: '66.0' })
const results = await connection.bulk2.loadAndWaitForResults({
  object: 'Account',
  operation: 'upsert',
  externalIdFieldName: 'ERP_Id__c',
  input: createReadStream(upload),
  pollInterval: 100,
  pollTimeout: 600_000,
})
process.stdout.write(`${results.successfulResults.length} accepted, ${results.failedResults.length} rejected\n`)

// `node scripts/clients.js`: installs the Salesforce CLI, DuckDB and the Nodes that the tests in test/clients and
// `npm run test:nodes` run, into .clients/ or the folder that SFBULK_CLIENTS names. Does nothing the second time.
import { clients, installClient } from './install-client.js'

for (const name of Object.keys(clients)) console.log(`${name}: ${installClient(name)}`)

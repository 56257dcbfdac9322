// `npm start`: makes the checkout ready, then shows the main job on the local org: a CSV with some bad rows is upserted,
// the errors file is shown, and the data is read back. Everything it writes lies in .demo/.
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { prepare, root } from './prepare.js'

prepare()
const folder = join(root, '.demo')
rmSync(folder, { recursive: true, force: true })
mkdirSync(folder)
for (const name of ['accounts.csv', 'accounts.soql']) copyFileSync(join(root, 'examples', name), join(folder, name))

say('40 accounts, five of them wrong, are upserted into the local org: a Salesforce on this machine, no login needed.')
expectCode(3, sfbulk('upsert', 'Account', 'accounts.csv', '-i', 'ERP_Id__c', '-o', 'local'))

say('Exit code 3: finished, some rows rejected. The errors file holds these rows as they came, and why:')
show('accounts.errors.csv')

say('The accounts with the highest revenue, read back:')
expectCode(0, sfbulk('query', '--file', 'accounts.soql', '-o', 'local'))

say('Now you: mend .demo/accounts.errors.csv and send it again, or go on with the contacts of these accounts.')
console.log(`  export SFBULK_HOME=.demo/home    # the org that was just filled
  node bin/sfbulk.js upsert Account .demo/accounts.errors.csv -i ERP_Id__c -o local
  node bin/sfbulk.js upsert Contact examples/contacts.csv -i ERP_Id__c -o local --errors .demo/contacts.errors.csv --success none
  node bin/sfbulk.js query --file examples/contacts-with-accounts.soql -o local
  node bin/sfbulk.js --help

For an org of your own put SF_USERNAME, SF_PASSWORD, SF_SECURITY_TOKEN and, for a sandbox,
SF_LOGIN_URL=https://test.salesforce.com into a file named .env, and leave out -o local.`)

function sfbulk(...words) {
  console.log(`\n$ sfbulk ${words.join(' ')}`)
  const { status } = spawnSync(process.execPath, [join(root, 'bin/sfbulk.js'), ...words], {
    cwd: folder,
    env: { ...process.env, SFBULK_HOME: join(folder, 'home') },
    stdio: 'inherit',
  })
  return status
}

function show(name) {
  console.log(`\n$ cat ${name}`)
  process.stdout.write(readFileSync(join(folder, name), 'utf8'))
}

function say(text) {
  console.log(`\n${text}`)
}

function expectCode(wanted, got) {
  if (got === wanted) return
  console.error(`\nThis should have ended with exit code ${wanted}, and ended with ${got}.`)
  process.exit(1)
}

import { describe, expect, it } from 'vitest'
import { privateFolder, run } from '../support/run.ts'

const mapping = `fields:
  LastName: { column: Nachname, transform: [trim, lower] }
  Birthdate: { column: Geburtstag, date: dd.MM.yyyy }
  Account.ERP_Id__c: Kunde
  Account.AnnualRevenue: { column: Umsatz, number: "1.234,56" }
  HasOptedOutOfEmail: { column: Abgemeldet, boolean: { true: ja, false: nein } }
  Department: { column: Abteilung, values: { V: Vertrieb, T: Technik } }
  Title: { value: x }
  MailingStreet: { columns: [Straße, Nr] }
  Phone: Telefon
`

describe('query --mapping', () => {
  it('renames, orders, drops and formats columns by the file that loads them', async () => {
    const cwd = privateFolder()
    const files = {
      'a.csv': 'ERP_Id__c,Name,AnnualRevenue\nK-1,"One ""1""",12345678\n',
      'c.csv':
        'LastName,Birthdate,Account.ERP_Id__c,HasOptedOutOfEmail,Department,Title\n' +
        'Müller,1990-12-24,K-1,true,Technik,boss\n"a ""b"", c",,,,Other,\n',
      'm.yaml': mapping,
      'm.sdl': 'Title=TITEL\nLastName=NAME\n',
    }
    await run('upsert Account a.csv -i ERP_Id__c -o local -q', { cwd, files })
    await run('insert Contact c.csv -o local -q', { cwd })
    const fields =
      'Id, Title, Department, HasOptedOutOfEmail, LastName, Birthdate, Account.AnnualRevenue, Account.ERP_Id__c'
    const soql = `SELECT ${fields} FROM Contact ORDER BY LastName DESC`
    const wanted =
      '"Nachname","Geburtstag","Kunde","Umsatz","Abgemeldet","Abteilung"\n' +
      '"Müller","24.12.1990","K-1","12.345.678","ja","T"\n' +
      '"a ""b"", c","","","","nein","Other"\n'
    for (const api of ['auto', 'bulk', 'soap']) {
      const { stdout, stderr } = await run(`query "${soql}" -o local --mapping m.yaml --api ${api}`, { cwd })
      expect([api, stdout]).toEqual([api, wanted])
      expect(stderr).toContain('not written: MailingStreet (it is made of several columns)')
      expect(stderr).toContain('because the query does not have them: Phone')
      expect(stderr).toContain('because the mapping does not name them: Id, Title')
    }
    const extracted = await run(`query "${soql}" -o local --mapping m.sdl --map Department=ABT -q`, { cwd })
    expect(extracted.stdout).toBe('"TITEL","NAME","ABT"\n"boss","Müller","Technik"\n"","a ""b"", c","Other"\n')
  }, 120_000)

  it('is refused for another format, and for a query without any of its fields', async () => {
    const cwd = privateFolder()
    const options = { cwd, files: { 'm.yaml': mapping } }
    const jsonl = await run('query "SELECT Id FROM Contact" -o local --mapping m.yaml --format jsonl', options)
    expect([jsonl.code, jsonl.stderr]).toEqual([2, expect.stringContaining('--mapping goes with --format csv')])
    const other = await run('query "SELECT Id FROM Contact" -o local --mapping m.yaml', options)
    expect([other.code, other.stderr]).toEqual([2, expect.stringContaining('the mapping names no column of the query')])
  })
})

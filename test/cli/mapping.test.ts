import { describe, expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, run } from '../support/run.ts'

const contacts = [
  'Nachname;E-mail;Geburtstag;Kunde;Aktiv',
  ' huber ;Anna@X.AT;24.12.1990;K-1;ja',
  'MAYR;b@x.at;31.02.1990;K-2;nein',
  'Wimmer;c@x.at;01.02.1990;K-9;nein',
  'Moser;;01.02.1990;;vielleicht',
  'Gruber;;;;',
]
const mapping = `object: Contact
fields:
  LastName: { column: Nachname, transform: [trim, title] }
  Email: { column: E-mail, transform: [lower] }
  Birthdate: { column: Geburtstag, date: dd.MM.yyyy }
  Department: { columns: [Kunde, Nachname], separator: "/" }
  Title: { value: "\${ROLE}" }
  HasOptedOutOfEmail: { column: Aktiv, boolean: { true: ja, false: [nein, ""] } }
  AccountId: { lookup: accounts.success.csv, match: [Kunde, ERP_Id__c], take: sf__Id }
`
const accounts = 'ERP_Id__c,sf__Id\nK-1,001Lc0000000001IAA\nK-2,001Lc0000000002IAA\n'

describe('a load with a mapping file', () => {
  it('sends what the cells are made into, and keeps the rows that cannot be read, each with its reason', async () => {
    const cwd = privateFolder()
    await run('upsert Account a.csv -i ERP_Id__c -o local -q', {
      cwd,
      files: { 'a.csv': 'ERP_Id__c,Name\nK-1,Firma 1\nK-2,Firma 2\n' },
    })
    const files = { 'c.csv': contacts.join('\n'), 'm.yaml': mapping.replace('accounts.success', 'a.success') }
    for (const api of ['soap', 'bulk']) {
      const loaded = await run(`insert Contact c.csv -o local --mapping m.yaml --json --api ${api}`, {
        cwd,
        files,
        env: { ROLE: 'Chef' },
      })
      expect(loaded.code).toBe(3)
      expect(JSON.parse(loaded.stdout)).toMatchObject({ rows: { read: 5, sent: 2, accepted: 2, rejected: 3 } })
      const errors = loaded.files['c.errors.csv']!.split('\n')
      expect(errors.slice(1, 4).map((line) => line.split(';').slice(5).join(';'))).toEqual([
        '3;;"LOCAL:Birthdate: ""31.02.1990"" (column Geburtstag) is no date dd.MM.yyyy"',
        '4;;"LOCAL:AccountId: ""K-9"" (column Kunde) is no ERP_Id__c of a.success.csv"',
        '5;;"LOCAL:HasOptedOutOfEmail: ""vielleicht"" (column Aktiv) is none of ja, nein, (empty)"',
      ])
    }
    const fields = 'LastName, Email, Birthdate, Department, Title, HasOptedOutOfEmail, Account.Name'
    const rows = await run(`query "SELECT ${fields} FROM Contact ORDER BY LastName" -o local -q`, { cwd })
    const huber = '"Huber","anna@x.at","1990-12-24","K-1/ huber","Chef","true","Firma 1"'
    const gruber = '"Gruber","","","Gruber","Chef","false",""'
    expect(rows.stdout.split('\n').slice(1, 5)).toEqual([gruber, gruber, huber, huber])
  })

  it('joins the answers to an insert by what was sent, also where the cells of two rows become the same', async () => {
    const rows = Array.from({ length: 300 }, (_, row) => `${row % 2 ? ' ' : ''}FIRM ${row >> 1};${row}`)
    const loaded = await run('insert Account a.csv -o local --mapping m.json --api bulk -q', {
      files: {
        'a.csv': `Firm;Place\n${rows.join('\n')}\n`,
        'm.json': '{"fields": {"Name": {"column": "Firm", "transform": ["trim", "lower"]}}, "ignore": ["Place"]}',
      },
    })
    expect(loaded).toMatchObject({ code: 0, stderr: '' })
    const lines = loaded.files['a.success.csv']!.trimEnd().split('\n').slice(1)
    expect(lines.map((line) => line.split(';').slice(0, 2).join(';'))).toEqual(rows)
  })

  it('finds the rows of an upsert whose key is computed', async () => {
    const loaded = await run('upsert Account a.csv -i ERP_Id__c -o local --mapping m.yaml --api bulk -q', {
      files: {
        'a.csv': 'Land;Nr;Name\nAT;1;One\nDE;1;Two\nAT;2;\n',
        'm.yaml': 'fields:\n  ERP_Id__c: { columns: [Land, Nr], separator: "-" }\n',
      },
    })
    expect(loaded.code).toBe(3)
    expect(loaded.files['a.success.csv']).toMatch(/^AT;1;One;001\w+;true\nDE;1;Two;001\w+;true\n$/m)
    expect(loaded.files['a.errors.csv']).toContain('AT;2;;4;;"REQUIRED_FIELD_MISSING')
  })

  it('leaves, nulls and fills fields alike by both APIs', async () => {
    const cwd = privateFolder()
    const fields = 'SELECT Name, Phone, Fax, Site, Industry FROM Account'
    const files = {
      'first.csv': 'ERP_Id__c,Name,Phone,Fax,Site,Industry\nA,a,1,1,1,Energy\nB,b,1,1,1,Energy\n',
      'second.csv': 'K,P,F,S,I\nA,,NULL, ,\nB, 2 ,3,x,NULL\n',
      'm.yaml':
        'fields:\n  ERP_Id__c: K\n  Phone: { column: P, transform: trim }\n  Fax: { column: F, transform: [lower] }\n' +
        '  Site: { column: S, transform: trim, default: main }\n  Industry: { column: I, transform: trim }\n',
    }
    const results = new Map<string, string>()
    for (const api of ['soap', 'bulk']) {
      for (const empty of ['', '--empty-as-null']) {
        await run('upsert Account first.csv -i ERP_Id__c -o local -q', { cwd, files })
        const line = `upsert Account second.csv -i ERP_Id__c -o local --mapping m.yaml -q --null-value NULL --api ${api}`
        expect((await run(`${line} ${empty}`, { cwd })).code).toBe(0)
        results.set(`${api} ${empty}`, (await run(`query "${fields} ORDER BY Name" -o local -q`, { cwd })).stdout)
      }
    }
    const header = '"Name","Phone","Fax","Site","Industry"\n'
    const left = `${header}"a","1","","main","Energy"\n"b","2","3","x",""\n`
    const nulled = `${header}"a","","","main",""\n"b","2","3","x",""\n`
    expect(Object.fromEntries(results)).toEqual({
      'soap ': left,
      'bulk ': left,
      'soap --empty-as-null': nulled,
      'bulk --empty-as-null': nulled,
    })
  })

  it('is refused with every fault before anything is sent', async () => {
    const { code, stderr } = await run('insert Contact c.csv -o local --mapping m.yaml', {
      files: { 'c.csv': contacts.join('\n'), 'm.yaml': mapping, 'accounts.success.csv': accounts },
    })
    expect(code).toBe(2)
    expect(stderr).toContain('m.yaml:7: Title: value: the environment has no ROLE')
  })

  it.each([
    [
      'AccountId: { lookup: nowhere.csv, match: [Kunde, K], take: Id }',
      'AccountId: lookup: there is no file nowhere.csv',
    ],
    [
      'AccountId: { lookup: accounts.success.csv, match: [Kunde, ERP], take: sf__Id }',
      'accounts.success.csv has no column "ERP"',
    ],
    ['Account.Phone: Kunde', 'Phone is no external ID of Account; its records are found by Id, ERP_Id__c'],
  ])('names what is not there: %s', async (entry, message) => {
    const { code, stderr } = await run('insert Contact c.csv -o local --mapping m.yaml', {
      files: {
        'c.csv': contacts.join('\n'),
        'm.yaml': `fields:\n  LastName: Nachname\n  ${entry}\n`,
        'accounts.success.csv': accounts,
      },
    })
    expect(code).toBe(2)
    expect(stderr.replaceAll(/\s+/g, ' ')).toContain(message)
  })
})

describe('a lookup', () => {
  it('in the org is one query, kept for the next run and dropped when records change', async () => {
    const org = await startTestOrg()
    const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
    const cwd = privateFolder()
    const files = {
      'a.csv': 'ERP_Id__c,Name\nK-1,One\nK-2,Two\n',
      'c.csv': 'N,K\nHuber,K-1\nMayr,K-2\nWimmer,K-3\nMoser,\n',
      'm.yaml':
        'fields:\n  LastName: N\n  AccountId:\n' +
        '    lookup: { query: "SELECT Id, ERP_Id__c FROM Account" }\n    match: [K, ERP_Id__c]\n    take: Id\n',
    }
    await run('insert Account a.csv -q', { cwd, env, files })
    const queries = () => org.count('GET', /\/query/) + org.count('POST', /jobs\/query$/)
    const check = async () => {
      const before = queries()
      const { stdout } = await run('insert Contact c.csv --mapping m.yaml --dry-run --json', { cwd, env })
      expect(JSON.parse(stdout)).toMatchObject({ rows: { read: 4, sent: 3, rejected: 1 } })
      return queries() - before
    }
    expect(await check()).toBeGreaterThan(0)
    expect(await check()).toBe(0)
    const loaded = await run('insert Contact c.csv --mapping m.yaml --json', { cwd, env })
    expect(JSON.parse(loaded.stdout)).toMatchObject({ rows: { accepted: 3, rejected: 1 } })
    expect(loaded.files['c.errors.csv']).toContain('LOCAL:AccountId: ""K-3"" (column K) is no ERP_Id__c of the query')
    expect(await check()).toBeGreaterThan(0)
  }, 120_000)

  it('gives a run that is carried on what it gave it before, whatever has become of the org', async () => {
    const org = await startTestOrg()
    const env = { SF_ACCESS_TOKEN: org.accessToken, SF_INSTANCE_URL: org.url }
    const cwd = privateFolder()
    const files = {
      'a.csv': 'Site,Name\nK-1,One\n',
      'b.csv': 'Site,Name\nK-1,Other\n',
      'c.csv': 'N,K\nHuber,K-1\n',
      'm.yaml':
        'fields:\n  LastName: N\n  AccountId:\n' +
        '    lookup: { query: "SELECT Id, Site FROM Account" }\n    match: [K, Site]\n    take: Id\n',
    }
    await run('insert Account a.csv -q', { cwd, env, files })
    await run('insert Contact c.csv --mapping m.yaml --api bulk --async -q', { cwd, env })
    await run('insert Account b.csv -q', { cwd, env })
    const resumed = await run('resume --json', { cwd, env })
    expect(JSON.parse(resumed.stdout)).toMatchObject({ rows: { read: 1, accepted: 1 }, exitCode: 0 })
    const next = await run('insert Contact c.csv --mapping m.yaml -q', { cwd, env })
    expect(next.files['c.errors.csv']).toContain('several rows of the query, which differ in Id')
  }, 120_000)

  it('takes the first of several or nothing where it is told to', async () => {
    const load = (words: string) =>
      run('insert Contact c.csv -o local --mapping m.yaml -q', {
        files: {
          'c.csv': 'N,K\nHuber,twice\nMayr,never\nWimmer,same\n',
          't.csv': 'Key;Value\ntwice;a\nsame;s\ntwice;b\nsame;s\n;x\nempty;\n',
          'm.yaml': `fields:\n  LastName: N\n  Department: { lookup: t.csv, match: [K, Key], take: Value${words} }\n`,
        },
      })
    expect((await load('')).files['c.errors.csv']).toBe(
      'N,K,sf__Line,sf__Id,sf__Error\n' +
        'Huber,twice,2,,"LOCAL:Department: ""twice"" (column K) is the Key of several rows of t.csv, which differ in Value"\n' +
        'Mayr,never,3,,"LOCAL:Department: ""never"" (column K) is no Key of t.csv"\n',
    )
    const { code, cwd } = await load(', missing: empty, ambiguous: first, default: none')
    expect(code).toBe(0)
    const rows = await run('query "SELECT LastName, Department FROM Contact ORDER BY LastName" -o local -q', { cwd })
    expect(rows.stdout).toBe('"LastName","Department"\n"Huber","a"\n"Mayr","none"\n"Wimmer","s"\n')
  })
})

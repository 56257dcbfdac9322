import { randomBytes } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { openAttachingOrg } from './attach-to-org.ts'

const soap = /^\/services\/Soap/
const multipart = /\/sobjects\/ContentVersion/
const asFile = { storedAs: 'file' } as const

describe('files of a manifest', () => {
  it('are stored with a name, a title and a place', async () => {
    const org = await openAttachingOrg()
    await org.write('docs/plan.pdf', 'plan')
    const { success } = await org.attach(
      'PathOnClient,Title,VersionData,Account:FirstPublishLocation.ERP_Id__c\n' +
        'c:\\old\\offer.pdf,The offer,docs/plan.pdf,Parent\n,,docs/plan.pdf,\n',
      asFile,
    )
    expect(success).toHaveLength(2)
    expect(await org.query('SELECT Title, PathOnClient, FileExtension, ContentSize FROM ContentVersion')).toEqual([
      { Title: 'The offer', PathOnClient: 'c:\\old\\offer.pdf', FileExtension: 'pdf', ContentSize: 4 },
      { Title: 'plan', PathOnClient: 'plan.pdf', FileExtension: 'pdf', ContentSize: 4 },
    ])
    expect(await org.query(`SELECT Id FROM ContentDocumentLink WHERE LinkedEntityId = '${org.parent}'`)).toHaveLength(1)
    expect(org.service.count('POST', soap)).toBe(1)
  })

  it('are found by PathOnClient when no column has another path', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    const { success, errors } = await org.attach('PathOnClient\na.txt\ngone.txt\n', asFile)
    expect([success.length, errors]).toEqual([1, ['gone.txt,3,,"LOCAL:the file gone.txt does not exist"']])
  })

  it('go by REST when they are large, in any order with small ones, as they lie on disk', async () => {
    const org = await openAttachingOrg()
    const large = randomBytes(1_700_000)
    await org.write('large.bin', large)
    await org.write('small.bin', 'small')
    const { success, errors, account } = await org.attach(
      'VersionData_FileURL,Title,Description,IsMajorVersion,FirstPublishLocationId\n' +
        `large.bin,"L ""1""",#N/A,true,${org.parent}\nsmall.bin,S 1,,,\nlarge.bin,L 2,é,false,\nlarge.bin,L 3,,,nobody\nsmall.bin,S 2,,,\n`,
      { ...asFile, limits: { largestInCall: 1_000_000 }, parallelCalls: 2 },
    )
    expect(success.map((line) => line.split(',')[1])).toEqual(['"L ""1"""', 'S 1', 'L 2', 'S 2'])
    expect(errors).toEqual([expect.stringMatching(/^large\.bin,L 3,,,nobody,5,,"[A-Z_]+:.*:--"$/)])
    expect(account.rows).toMatchObject({ read: 5, sent: 5, accepted: 4, rejected: 1 })
    expect([org.service.count('POST', soap), org.service.count('POST', multipart)]).toEqual([1, 3])
    const ids = success.map((line) => line.split(',').at(-2))
    expect((await org.body(`ContentVersion/${ids[0]}/VersionData`)).equals(large)).toBe(true)
    expect((await org.body(`ContentVersion/${ids[2]}/VersionData`)).equals(large)).toBe(true)
    expect(await org.query(`SELECT Title, Description FROM ContentVersion WHERE Title = 'L 2'`)).toEqual([
      { Title: 'L 2', Description: 'é' },
    ])
  })

  it('are looked up when the answer to a large one is lost', async () => {
    const org = await openAttachingOrg()
    await org.write('large.bin', randomBytes(1_000))
    org.service.faults.add([{ method: 'POST', path: '/sobjects/ContentVersion', drop: 'after' }])
    const options = { ...asFile, limits: { largestInCall: 100 } }
    const { account, success } = await org.attach('VersionData\nlarge.bin\n', options)
    expect(account).toMatchObject({ exit: 'done', rows: { accepted: 1, unknown: 0 } })
    const versions = await org.query('SELECT Id FROM ContentVersion')
    expect(versions).toHaveLength(1)
    expect(success).toEqual([`large.bin,${versions[0]?.Id},true`])
  })

  it('are linked to several records, the first of them without a call of its own', async () => {
    const org = await openAttachingOrg()
    const other = await org.createParent('Other')
    await org.write('a.txt', 'a')
    const linked = async (id: string) =>
      (await org.query(`SELECT ShareType FROM ContentDocumentLink WHERE LinkedEntityId = '${id}'`)).map(
        ({ ShareType }) => ShareType,
      )
    await org.attach(`VersionData,LinkedEntityId\na.txt,${org.parent}\n`, asFile)
    expect(org.service.count('POST', soap)).toBe(1)
    expect(await linked(org.parent)).toEqual(['V'])

    await org.attach(`VersionData,LinkedEntityId\na.txt,${org.parent}; ${other}\na.txt,${other}\n`, asFile)
    expect(org.service.count('POST', soap)).toBe(3)
    expect([await linked(org.parent), await linked(other)]).toEqual([
      ['V', 'V'],
      ['V', 'V'],
    ])

    const twice = `a.txt,${org.parent},${org.parent} ${org.parent.slice(0, 15)}\n`
    const { errors } = await org.attach(`VersionData,FirstPublishLocationId,LinkedEntityId\n${twice}`, asFile)
    expect(errors).toEqual([])

    await org.attach(`VersionData,LinkedEntityId,ShareType,Visibility\na.txt,${other},C,InternalUsers\n`, asFile)
    expect((await linked(other)).sort()).toEqual(['C', 'V', 'V'])
  })

  it('are taken back when they cannot be linked, so that the row can be sent again', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    const { success, errors } = await org.attach(
      `VersionData,LinkedEntityId\na.txt,${org.parent};001000000000000AAA\na.txt,${org.parent}\n`,
      asFile,
    )
    expect(success).toHaveLength(1)
    expect(errors).toEqual([
      expect.stringMatching(/,2,,"[A-Z_]+:.* -- \(link to 001000000000000AAA; the file was taken back\)"$/),
    ])
    expect(await org.query('SELECT Id FROM ContentDocument')).toHaveLength(1)
  })

  it('get new versions, which stay when they cannot be linked', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    await org.attach('VersionData\na.txt\n', asFile)
    const [document] = await org.query('SELECT Id FROM ContentDocument')
    const { errors } = await org.attach(
      `VersionData,ContentDocumentId,LinkedEntityId\na.txt,${document?.Id},001000000000000AAA\n`,
      asFile,
    )
    expect(errors).toEqual([
      expect.stringMatching(/,2,(068\w{15}),".* -- \(link to 001000000000000AAA; the file is stored as \1\)"$/),
    ])
    expect(await org.query('SELECT Id FROM ContentVersion')).toHaveLength(2)
  })

  it('get new versions where the document is linked already', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    await org.attach(`VersionData,LinkedEntityId\na.txt,${org.parent}\n`, asFile)
    const [document] = await org.query('SELECT Id, OwnerId FROM ContentDocument')
    const { errors, success } = await org.attach(
      `VersionData,ContentDocumentId,LinkedEntityId\na.txt,${document?.Id},${org.parent};${document?.OwnerId}\n`,
      asFile,
    )
    expect([success.length, errors]).toEqual([1, []])
    expect(await org.query('SELECT Id FROM ContentDocumentLink')).toHaveLength(2)
    expect(await org.query('SELECT Id FROM ContentVersion')).toHaveLength(2)
  })

  it('are known to be stored when only their links are in doubt', async () => {
    const org = await openAttachingOrg()
    const other = await org.createParent('Other')
    await org.write('a.txt', 'a')
    const lost = { method: 'POST', path: '/services/Soap', drop: 'after' } as const
    const manifest = `VersionData,LinkedEntityId\na.txt,${org.parent};${other}\n`
    org.service.faults.add([{ ...lost, nth: 2 }])
    expect((await org.attach(manifest, asFile)).account).toMatchObject({ exit: 'done', rows: { accepted: 1 } })

    const refused = { status: 400, body: [{ errorCode: 'MALFORMED_QUERY', message: 'no' }] }
    org.service.faults.add([
      { ...lost, nth: 2 },
      { method: 'GET', path: '/queryAll', nth: 2, ...refused },
    ])
    const { account, errors } = await org.attach(manifest, asFile)
    expect(account).toMatchObject({ exit: 'failed', rows: { unknown: 1 } })
    expect(errors).toEqual([
      expect.stringMatching(/"UNKNOWN:the file is stored as 068\w{15}, and whether it is linked is not known: /),
    ])
  })

  it.each([
    ['delete', 'versions of files cannot be deleted'],
    ['upsert', 'versions of files cannot be upserted'],
  ] as const)('cannot be the rows of %s', async (operation, message) => {
    const org = await openAttachingOrg()
    await expect(org.attach('Id\n068000000000001AAA\n', { ...asFile, operation })).rejects.toThrow(message)
  })
})

import { createHash, randomBytes } from 'node:crypto'
import { mkdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openAttachingOrg } from './attach-to-org.ts'

const soap = /^\/services\/Soap/

describe('attachments of a manifest', () => {
  it('are stored as they lie on disk, and each row stands in one file', async () => {
    const org = await openAttachingOrg()
    const large = randomBytes(2_000_001)
    await org.write('a.txt', 'hello')
    await org.write('sub/b.bin', large)
    await org.write('empty.txt', '')
    await mkdir(join(org.folder, 'folder'))
    await symlink('/etc', join(org.folder, 'link'))
    const { account, success, errors, notes } = await org.attach(
      [
        'Account:Parent.ERP_Id__c,Name,Body_FileURL,ContentType,Description,IsPrivate,Remark',
        'Parent,hello & <co>,a.txt,text/plain,"first, with a ""quote""",true,x',
        'Parent,,sub/b.bin,,,,y',
        'Parent,gone,gone.txt,,,,',
        'Parent,folder,folder,,,,',
        'Parent,empty,empty.txt,,,,',
        'Parent,outside,link/hostname,,,,',
        'Parent,nothing,,,,,',
        'Nobody,hello,a.txt,,,,',
        'Parent,ragged',
        '',
      ].join('\n'),
    )
    expect(success).toEqual([
      expect.stringMatching(/^Parent,hello & <co>,a\.txt,text\/plain,"first, with a ""quote""",true,x,00P\w{15},true$/),
      expect.stringMatching(/^Parent,,sub\/b\.bin,,,,y,00P\w{15},true$/),
    ])
    expect(errors).toEqual([
      'Parent,gone,gone.txt,,,,,4,,"LOCAL:the file gone.txt does not exist"',
      'Parent,folder,folder,,,,,5,,"LOCAL:the file folder is a folder"',
      'Parent,empty,empty.txt,,,,,6,,"LOCAL:the file empty.txt is empty"',
      expect.stringContaining(`,7,,"LOCAL:the file link/hostname lies outside of the manifest's folder`),
      'Parent,nothing,,,,,,8,,"LOCAL:the row has no body: Body_FileURL names no file"',
      expect.stringMatching(/^Nobody,hello,a\.txt,,,,,9,,"INVALID_FIELD:Foreign key external ID: /),
      'Parent,ragged,,,,,,10,,"LOCAL:the row has 2 cells where the header has 7"',
    ])
    expect(account).toMatchObject({ exit: 'rejected', error: undefined })
    expect(account.rows).toMatchObject({ read: 9, sent: 3, accepted: 2, rejected: 7, unknown: 0 })
    expect(notes).toEqual(['not sent, because they match no field of Attachment: Remark'])
    expect(org.service.count('POST', soap)).toBe(1)

    const records = await org.query('SELECT Id, Name, ContentType, Description, IsPrivate, ParentId FROM Attachment')
    const first = {
      Name: 'hello & <co>',
      ContentType: 'text/plain',
      Description: 'first, with a "quote"',
      IsPrivate: true,
    }
    const second = { Name: 'b.bin', ContentType: null, Description: null, IsPrivate: false }
    expect(records).toMatchObject([first, second].map((record) => ({ ...record, ParentId: org.parent })))
    expect((await org.body(`Attachment/${records[0]?.Id}/Body`)).toString()).toBe('hello')
    expect((await org.body(`Attachment/${records[1]?.Id}/Body`)).equals(large)).toBe(true)
  })

  it('may have their body in the manifest, as base64', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'hello')
    const rows = ['aGk=,', ',a.txt', 'aGk=,a.txt', 'no base64!,', '#N/A,'].map((cells) => `${org.parent},n,${cells}\n`)
    const { success, errors } = await org.attach(`ParentId,Name,Body,Body_FileURL\n${rows.join('')}`)
    expect(success).toHaveLength(2)
    expect(errors.map((line) => line.replace(/^.*"LOCAL/, 'LOCAL'))).toEqual([
      'LOCAL:the row gives its body twice"',
      'LOCAL:Body is no base64"',
      'LOCAL:Body is null, and a body cannot be taken away"',
    ])
    const inline = await org.attach(`ParentId,Name,Body\n${org.parent},n,\n`)
    expect(inline.errors).toEqual([expect.stringContaining('LOCAL:the row has no body: Body is empty')])
    const bodies = await Promise.all(success.map((line) => org.body(`Attachment/${line.split(',').at(-2)}/Body`)))
    expect(bodies.map(String)).toEqual(['hi', 'hello'])
  })

  it('may have empty cells that mean null beside the path of their body', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    const manifest = `ParentId,Name,Body,Body_FileURL,Description\n${org.parent},,,a.txt,\n`
    const { success } = await org.attach(manifest, { emptyAsNull: true })
    expect(success).toHaveLength(1)
    expect(await org.query('SELECT Name, BodyLength FROM Attachment')).toEqual([{ Name: 'a.txt', BodyLength: 1 }])
  })

  it('are refused above the limit, which is told', async () => {
    const org = await openAttachingOrg()
    await org.write('large.bin', Buffer.alloc(25 * 1024 ** 2 + 1))
    const { errors } = await org.attach(`ParentId,Body_FileURL\n${org.parent},large.bin\n`)
    expect(errors).toEqual([
      expect.stringContaining('"LOCAL:the file large.bin has 26,214,401 bytes, more than the 25 MB'),
    ])
    expect(org.service.count('POST', soap)).toBe(0)
  })

  it('are held against the limit of the org, which is asked for once when a file is large', async () => {
    const org = await openAttachingOrg()
    await org.write('large.bin', Buffer.alloc(6_000_000))
    await org.write('small.bin', 'small')
    const answer =
      '<Envelope><Body><getUserInfoResponse><result><orgAttachmentFileSizeLimit>5500000</orgAttachmentFileSizeLimit>' +
      '</result></getUserInfoResponse></Body></Envelope>'
    const headers = { 'content-type': 'text/xml' }
    org.service.faults.add([{ method: 'POST', path: '/services/Soap', status: 200, body: answer, headers }])
    const rows = ['large.bin', 'small.bin', 'large.bin'].map((name) => `${org.parent},${name}\n`)
    const { success, errors } = await org.attach(`ParentId,Body_FileURL\n${rows.join('')}`)
    expect(success).toHaveLength(1)
    const why = 'LOCAL:the file large.bin has 6,000,000 bytes, more than the 5,500,000 bytes that this org allows'
    expect(errors).toEqual([expect.stringContaining(why), expect.stringContaining(why)])
    expect(org.service.count('POST', soap)).toBe(2)
  })

  it('are not upserted twice when an answer is lost, since a row without an Id would be stored again', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    org.service.faults.add([{ method: 'POST', path: '/services/Soap', drop: 'after' }])
    const { account } = await org.attach(`Id,ParentId,Name,Body_FileURL\n,${org.parent},a,a.txt\n`, {
      operation: 'upsert',
    })
    expect(account).toMatchObject({ exit: 'failed', rows: { unknown: 1 } })
    expect(await org.query('SELECT Id FROM Attachment')).toHaveLength(1)
  })

  it('are updated, upserted and deleted by Id', async () => {
    const org = await openAttachingOrg()
    for (const name of ['a', 'b']) await org.write(`${name}.txt`, name)
    const { success } = await org.attach(`ParentId,Body_FileURL\n${org.parent},a.txt\n${org.parent},a.txt\n`)
    const [first = '', second = ''] = success.map((line) => line.split(',').at(-2)!)

    const updated = await org.attach(`Id,Body_FileURL,Description\n${first},b.txt,new\n${second},,same body\n`, {
      operation: 'update',
    })
    expect(updated.success).toEqual([`${first},b.txt,new,${first},false`, `${second},,same body,${second},false`])
    expect(await org.query('SELECT Name, Description FROM Attachment')).toEqual([
      { Name: 'a.txt', Description: 'new' },
      { Name: 'a.txt', Description: 'same body' },
    ])
    expect(
      [await org.body(`Attachment/${first}/Body`), await org.body(`Attachment/${second}/Body`)].map(String),
    ).toEqual(['b', 'a'])

    const upserted = await org.attach(`Id,ParentId,Name,Body_FileURL\n${first},,a2,a.txt\n,${org.parent},b2,b.txt\n`, {
      operation: 'upsert',
    })
    expect(upserted.success.map((line) => line.split(',').at(-1))).toEqual(['false', 'true'])

    const deleted = await org.attach(`Id\n${first}\n${first}\n`, { operation: 'delete' })
    expect(deleted.success).toEqual([`${first},${first},false`])
    expect(deleted.errors).toEqual([expect.stringContaining('ENTITY_IS_DELETED')])
  })

  it('are renamed by the null and mapping options of any load', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    const manifest = `owner;file;note\n${org.parent};a.txt;nothing\n`
    const { success } = await org.attach(manifest, {
      map: ['owner=ParentId', 'file=Body_FileURL', 'note=Description'],
      nullValue: 'nothing',
    })
    expect(success).toEqual([expect.stringMatching(/^\w{18};a\.txt;nothing;00P\w{15};true$/)])
    expect(await org.query('SELECT Name, Description FROM Attachment')).toEqual([{ Name: 'a.txt', Description: null }])
  })

  it('are packed by rows and by the bytes of their bodies, in the order of the manifest', async () => {
    const org = await openAttachingOrg()
    await org.write('small.bin', Buffer.alloc(300, 1))
    await org.write('large.bin', Buffer.alloc(30_000, 1))
    const small = `${org.parent},small.bin\n`.repeat(401)
    const many = await org.attach(`ParentId,Body_FileURL\n${small}`, { parallelCalls: 3 })
    expect(many.account.rows).toMatchObject({ read: 401, accepted: 401 })
    expect(org.service.count('POST', soap)).toBe(3)

    const large = `${org.parent},large.bin\n`.repeat(10)
    await org.attach(`ParentId,Body_FileURL\n${large}`, { limits: { mostBytes: 100_000 } })
    // Two of 40,000 bytes of base64 and some tags each go into a call.
    expect(org.service.count('POST', soap)).toBe(3 + 5)
  })

  it('in thousands are sent in as few calls as there can be, and come back as they were', async () => {
    const org = await openAttachingOrg()
    const bodies = Array.from({ length: 2_000 }, (_, index) => Buffer.from(`body ${index}`.repeat(20)))
    for (const [index, body] of bodies.entries()) await org.write(`f/${index}.txt`, body)
    const rows = bodies.map((_, index) => `${org.parent},f/${index}.txt\n`)
    const { success, account } = await org.attach(`ParentId,Body_FileURL\n${rows.join('')}`, { parallelCalls: 3 })
    expect(account.rows).toMatchObject({ read: 2_000, accepted: 2_000 })
    expect(org.service.count('POST', soap)).toBe(10)
    expect(success.map((line) => line.split(',')[1])).toEqual(bodies.map((_, index) => `f/${index}.txt`))
    for (const index of [0, 1, 199, 200, 1_999]) {
      const body = await org.body(`Attachment/${success[index]?.split(',')[2]}/Body`)
      expect(createHash('md5').update(body).digest('hex')).toBe(createHash('md5').update(bodies[index]!).digest('hex'))
    }
  })
})

describe('when something goes wrong with attachments', () => {
  it('rows whose answer is lost are looked up, and are stored once', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    await org.write('b.txt', 'b')
    org.service.faults.add([{ method: 'POST', path: '/services/Soap', nth: 2, drop: 'after' }])
    const names = ['a', 'b', 'a', 'b', 'b', 'a']
    const rows = names.map((name, i) => `${org.parent},${name}.txt,${i < 2 ? '1' : '2'}\n`).join('')
    const { account, success } = await org.attach(`ParentId,Body_FileURL,Name\n${rows}`, { limits: { mostRows: 2 } })
    // All that were lost look the same in the org as those behind them, which had not been sent by then.
    expect(account).toMatchObject({ exit: 'done', rows: { read: 6, sent: 6, accepted: 6, unknown: 0 } })
    expect(success).toHaveLength(6)
    expect(await org.query('SELECT Name FROM Attachment')).toHaveLength(6)
  })

  it('rows whose answer is lost are unknown when the org cannot be asked, and those after them are not sent', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    org.service.faults.add([
      { method: 'POST', path: '/services/Soap', nth: 2, drop: 'after' },
      { method: 'GET', path: '/query', status: 400, body: [{ errorCode: 'MALFORMED_QUERY', message: 'no' }] },
    ])
    const rows = `${org.parent},a.txt\n`.repeat(6)
    const { account, success, errors } = await org.attach(`ParentId,Body_FileURL\n${rows}`, { limits: { mostRows: 2 } })
    expect(account).toMatchObject({ exit: 'failed', error: { code: 'CONNECTION_LOST' } })
    expect(account.rows).toMatchObject({ read: 6, sent: 4, accepted: 2, unknown: 2, rejected: 2 })
    expect(success).toHaveLength(2)
    expect(errors.slice(0, 2)).toEqual([
      expect.stringMatching(/,4,,"UNKNOWN:the service may have taken the row: .*; look the record up in the org/),
      expect.stringContaining(',5,,"UNKNOWN:'),
    ])
    expect(errors.slice(2)).toEqual([
      expect.stringContaining('"LOCAL:not sent: '),
      expect.stringContaining('"LOCAL:not sent: '),
    ])
    expect(await org.query('SELECT Name FROM Attachment')).toHaveLength(4)
  })

  it('a session that expires is renewed only where it can be, and nothing is stored twice', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    org.service.faults.add([{ method: 'POST', path: '/services/Soap', sessionExpired: true }])
    const { account, errors } = await org.attach(`ParentId,Body_FileURL\n${org.parent},a.txt\n`)
    expect(account).toMatchObject({ exit: 'denied' })
    expect(errors).toEqual([expect.stringContaining('"LOCAL:not sent: ')])
  })

  it('--fail-fast stops at the first row that cannot be sent', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    const rows = ['gone.txt', 'a.txt', 'a.txt'].map((name) => `${org.parent},${name}\n`).join('')
    const { account, errors } = await org.attach(`ParentId,Body_FileURL\n${rows}`, {
      failFast: true,
      limits: { mostRows: 1 },
    })
    expect(account).toMatchObject({ exit: 'rejected', rows: { read: 3, accepted: 1, rejected: 2 } })
    expect(errors[1]).toContain('LOCAL:not sent: a row before it was rejected (--fail-fast)')
  })

  it('Ctrl-C leaves the rest unsent, and the errors file says so', async () => {
    const org = await openAttachingOrg()
    await org.write('a.txt', 'a')
    const { account, errors } = await org.attach(`ParentId,Body_FileURL\n${org.parent},a.txt\n`, {
      signal: AbortSignal.abort(),
    })
    expect(account).toMatchObject({ exit: 'unfinished', rows: { read: 1, sent: 0, rejected: 1 } })
    expect(errors).toEqual([expect.stringContaining('LOCAL:not sent: the run was interrupted')])
    expect(org.service.count('POST', soap)).toBe(0)
  })

  it('a manifest without a column for the files is refused before anything is sent', async () => {
    const org = await openAttachingOrg()
    await expect(org.attach('ParentId,Name\n1,a\n')).rejects.toThrow(
      'in.csv has no column for the files: Body_FileURL, Body',
    )
    expect(org.service.count('POST', soap)).toBe(0)
  })
})

import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { downloadBodies } from '../../src/attach/download-bodies.ts'
import { type AttachingOrg, openAttachingOrg } from './attach-to-org.ts'

/** Attachments by name and body, in this order. */
async function store({ service, parent }: AttachingOrg, files: readonly (readonly [string, string])[]): Promise<void> {
  for (const [Name, body] of files) {
    const record = { ParentId: parent, Name, Body: Buffer.from(body).toString('base64') }
    await service.call('POST', 'sobjects/Attachment', record)
  }
}

function download(
  { org, folder }: AttachingOrg,
  soql: string,
  signal = new AbortController().signal,
  onFile: (files: number, bytes: number, total: number) => void = () => {},
) {
  return downloadBodies(soql, join(folder, 'out'), { org, parallelCalls: 3, signal, onFile })
}

async function readOut({ folder }: AttachingOrg): Promise<Readonly<Record<string, string>>> {
  const names = await readdir(join(folder, 'out'))
  return Object.fromEntries(
    await Promise.all(names.sort().map(async (name) => [name, await readFile(join(folder, 'out', name), 'utf8')])),
  )
}

describe('a download of bodies', () => {
  it('gives files and a manifest in the order of the query, which can be loaded again', async () => {
    const org = await openAttachingOrg()
    await store(org, [
      ['b.txt', 'first'],
      ['a, "b".txt', 'second'],
    ])
    const told: (readonly number[])[] = []
    const summary = await download(
      org,
      'select Id, Parent.Name from Attachment order by Name desc',
      undefined,
      (...figures) => told.push(figures),
    )
    const manifest = join(org.folder, 'out', 'manifest.csv')
    expect(summary).toEqual({ files: 2, bytes: 11, failed: 0, manifest, errors: null })
    expect(told).toEqual([
      [1, 5, 2],
      [2, 11, 2],
    ])
    const files = await readOut(org)
    expect(files).toEqual({
      'a, _b_.txt': 'second',
      'b.txt': 'first',
      'manifest.csv': expect.stringMatching(
        /^ParentId,Name,ContentType,Description,IsPrivate,Id,Parent\/Name,Body_FileURL\n/,
      ),
    })
    expect(files['manifest.csv']!.split('\n').map((line) => line.split(',').at(-1))).toEqual([
      'Body_FileURL',
      'b.txt',
      ' _b_.txt"',
      '',
    ])

    const again = await org.attach(
      files['manifest.csv']!.replaceAll('b.txt', 'out/b.txt').replace(/"a, _b_/, '"out/a, _b_'),
      {},
    )
    expect(again.errors).toEqual([])
  })

  it('numbers names that come twice, and overwrites nothing', async () => {
    const org = await openAttachingOrg()
    await mkdir(join(org.folder, 'out'))
    await writeFile(join(org.folder, 'out', 'a.txt'), 'mine')
    await writeFile(join(org.folder, 'out', 'manifest.csv'), 'mine')
    await store(org, [
      ['a.txt', '1'],
      ['A.TXT', '2'],
      ['../../a.txt', '3'],
      ['manifest.errors.csv', '4'],
      ['..', '5'],
    ])
    const { manifest } = await download(org, 'SELECT Id FROM Attachment ORDER BY CreatedDate, Id')
    expect(manifest).toBe(join(org.folder, 'out', 'manifest (2).csv'))
    const files = await readOut(org)
    expect(files).toMatchObject({
      'a.txt': 'mine',
      'manifest.csv': 'mine',
      'a (2).txt': '1',
      'A (3).TXT': '2',
      '_.._a.txt': '3',
      'manifest.errors (2).csv': '4',
    })
    expect(Object.keys(files).filter((name) => /^00P/.test(name))).toHaveLength(1)
    expect(await readdir(org.folder)).toEqual(['out'])
  })

  it('has files by the name that they had, with every version that is asked for', async () => {
    const org = await openAttachingOrg()
    for (const PathOnClient of ['C:\\old\\plan.pdf', 'dir/plan.pdf']) {
      const record = { PathOnClient, VersionData: Buffer.from(PathOnClient).toString('base64') }
      await org.service.call('POST', 'sobjects/ContentVersion', record)
    }
    await download(org, 'SELECT Id, VersionData FROM ContentVersion ORDER BY Id')
    const files = await readOut(org)
    expect(files).toMatchObject({ 'plan.pdf': 'C:\\old\\plan.pdf', 'plan (2).pdf': 'dir/plan.pdf' })
    expect(files['manifest.csv']!.split('\n')[0]).toBe(
      'Title,PathOnClient,Description,FirstPublishLocationId,Id,VersionData_FileURL',
    )
  })

  it('fetches a body again that broke off', async () => {
    const org = await openAttachingOrg()
    await store(org, [['a.txt', 'x'.repeat(10_000)]])
    org.service.faults.add([{ path: '/Body$', cutBody: 5_000 }])
    await download(org, 'SELECT Id FROM Attachment')
    expect((await readOut(org))['a.txt']).toBe('x'.repeat(10_000))
  })

  it('lists a body that the service refuses, and goes on', async () => {
    const org = await openAttachingOrg()
    await store(org, [
      ['a.txt', '1'],
      ['b.txt', '2'],
    ])
    org.service.faults.add([
      {
        path: '/Body$',
        status: 404,
        body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
      },
    ])
    const summary = await download(org, 'SELECT Name FROM Attachment')
    expect(summary).toMatchObject({ files: 1, failed: 1 })
    const files = await readOut(org)
    expect(Object.keys(files)).toHaveLength(3)
    expect(files['manifest.errors.csv']).toMatch(
      /,sf__Id,sf__Error\n.*,00P\w{15},NOT_FOUND: The requested resource does not exist\n$/,
    )
  })

  it('that is interrupted leaves a partial manifest of what there is', async () => {
    const org = await openAttachingOrg()
    await store(
      org,
      [1, 2, 3, 4, 5, 6, 7, 8].map((number) => [`${number}.txt`, 'x']),
    )
    const controller = new AbortController()
    const stopped = download(org, 'SELECT Name FROM Attachment', controller.signal, () =>
      controller.abort(new Error('stopped')),
    )
    await expect(stopped).rejects.toThrow('stopped')
    const files = Object.keys(await readOut(org))
    expect(files).toContain('manifest.csv.partial')
    expect(files).not.toContain('manifest.csv')
  })

  it.each([
    ['SELECT count(Id) FROM Attachment', 'the rows of the query are no records'],
    ['SELECT Id FROM Account', 'Account has no bodies'],
    ['SELECT Nothing FROM Attachment', "No such column 'Nothing'"],
  ])('of %s is refused', async (soql, message) => {
    const org = await openAttachingOrg()
    await expect(download(org, soql)).rejects.toThrow(message)
    expect(await readdir(join(org.folder, 'out'))).toEqual([])
  })

  it('of no record makes no manifest', async () => {
    const org = await openAttachingOrg()
    expect(await download(org, 'SELECT Id FROM Attachment')).toMatchObject({ files: 0, manifest: null, errors: null })
    expect(await readOut(org)).toEqual({})
  })
})

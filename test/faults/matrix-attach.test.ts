import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/local-org/faults.ts'
import { openAttachingOrg } from '../attach/attach-to-org.ts'
import { faultKinds } from './fault-kinds.ts'
import { hastyTools, withoutIds } from './fault-org.ts'

/** Longer than the org ever takes for these few files. */
const hangSilence = 500

/** Two bodies that travel in one call, and one that is too large for it and travels alone. */
const bodies = { 'a.txt': 'first', 'b.txt': 'second', 'large.bin': 'x'.repeat(40_000) }
const limits = { largestInCall: 20_000 }

/** The same bodies as rows of a manifest, with what comes before the body's name. */
const manifest = (columns: string, cells: (name: string) => string) =>
  `${columns}\n${Object.keys(bodies)
    .map((name) => `${cells(name)},${name}\n`)
    .join('')}`

async function open(fault: Fault | undefined, ...objects: readonly string[]) {
  const org = await openAttachingOrg(hastyTools(fault?.hang === undefined ? 30_000 : hangSilence))
  for (const [name, body] of Object.entries(bodies)) await org.write(name, body)
  for (const object of objects) await org.org.describe(object)
  if (fault !== undefined) org.service.faults.add([fault])
  return org
}

type OpenedOrg = Awaited<ReturnType<typeof open>>

const hash = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex')

async function listStored(org: OpenedOrg, object: string, name: string, body: string): Promise<readonly string[]> {
  const records = await org.query(`SELECT Id, ${name} FROM ${object} ORDER BY ${name}`)
  return await Promise.all(
    records.map(async (record) => `${record[name]} ${hash(await org.body(`${object}/${record.Id}/${body}`))}`),
  )
}

async function attach(fault?: Fault) {
  const org = await open(fault, 'Attachment')
  const rows = manifest('ParentId,Name,Body_FileURL', (name) => `${org.parent},${name}`)
  const { account, success, errors } = await org.attach(rows, { limits })
  const { exit, rows: counts } = account
  return {
    outcome: { exit, counts, success: withoutIds(success.join('\n')), errors },
    stored: await listStored(org, 'Attachment', 'Name', 'Body'),
  }
}

/** Files, each of them to be shown at two records: at the first with the file itself, at the second by a call of its own. */
async function attachLinked(fault?: Fault) {
  const org = await open(fault, 'ContentVersion', 'ContentDocumentLink')
  const other = await org.createParent('Other')
  const rows = manifest('Title,LinkedEntityId,VersionData', (name) => `${name},${org.parent};${other}`)
  const { account, success, errors } = await org.attach(rows, { storedAs: 'file', limits })
  const { exit, rows: counts } = account
  const links = await Promise.all(
    [org.parent, other].map((record) =>
      org.query(`SELECT ContentDocument.Title, ShareType FROM ContentDocumentLink WHERE LinkedEntityId = '${record}'`),
    ),
  )
  return {
    outcome: { exit, counts, success: withoutIds(success.join('\n')), errors },
    stored: await listStored(org, 'ContentVersion', 'Title', 'VersionData'),
    links: links.map((each) =>
      each.map((link) => JSON.stringify(link, ['ContentDocument', 'Title', 'ShareType'])).sort(),
    ),
  }
}

describe.each([
  ['the call', { path: '/services/Soap/u/' }],
  ['the body that travels alone', { path: '/sobjects/Attachment$' }],
])('attach, with %s met by', (_, request) => {
  let undisturbed: ReturnType<typeof attach> | undefined
  it.each(Object.entries(faultKinds))('%s, stores each file once', async (_name, fault) => {
    undisturbed ??= attach()
    const quiet = await undisturbed
    expect(quiet.outcome).toMatchObject({ exit: 'done', counts: { accepted: 3, rejected: 0, unknown: 0 }, errors: [] })
    expect(await attach({ method: 'POST', ...request, ...fault })).toEqual(quiet)
  })
})

describe('attach of files, with the call that links them met by', () => {
  let undisturbed: ReturnType<typeof attachLinked> | undefined
  it.each(Object.entries(faultKinds))('%s, stores and links each file once', async (_name, fault) => {
    undisturbed ??= attachLinked()
    const quiet = await undisturbed
    expect(quiet.outcome).toMatchObject({ exit: 'done', counts: { accepted: 3, rejected: 0, unknown: 0 }, errors: [] })
    expect(quiet.links).toMatchObject([{ length: 3 }, { length: 3 }])
    expect(await attachLinked({ method: 'POST', path: '/services/Soap/u/', nth: 2, ...fault })).toEqual(quiet)
  })
})

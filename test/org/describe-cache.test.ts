import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { type DescribeCache, describeFolder, openDescribeCache } from '../../src/org/describe-cache.ts'
import { createDescriptions } from '../../src/org/descriptions.ts'
import { thing } from '../load/load-in-memory.ts'

let folder: string
let time = 0
const minutes = (count: number) => count * 60_000

beforeEach(async () => {
  time = Date.UTC(2026, 0, 1)
  const home = await mkdtemp(join(tmpdir(), 'sfbulk-home-'))
  onTestFinished(() => rm(home, { recursive: true, force: true }))
  folder = describeFolder(home, 'example.my.salesforce.com', ['user@example.com'])
})

const open = (apiVersion = '66.0'): DescribeCache => openDescribeCache({ folder, apiVersion, now: () => time })

describe('the cache of descriptions', () => {
  test('gives what was kept, in any case of the name, for an hour', async () => {
    await open().keep(thing)
    expect(await open().read('THING__C')).toEqual(thing)
    time += minutes(59)
    expect(await open().read('Thing__c')).toEqual(thing)
    time += minutes(1)
    expect(await open().read('Thing__c')).toBeUndefined()
  })

  test('takes a description from the future for none: the clock was set', async () => {
    await open().keep(thing)
    time -= minutes(1)
    expect(await open().read('Thing__c')).toBeUndefined()
  })

  test('keeps each version apart', async () => {
    await open('66.0').keep(thing)
    expect(await open('60.0').read('Thing__c')).toBeUndefined()
  })

  test('is readable by its owner alone', async () => {
    await open().keep(thing)
    const [name = ''] = await readdir(folder)
    expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
    expect((await stat(folder)).mode & 0o777).toBe(0o700)
  })

  test('takes a damaged file for none, and drops what it is told to', async () => {
    await open().keep(thing)
    const [name = ''] = await readdir(folder)
    const whole = await readFile(join(folder, name), 'utf8')
    await writeFile(join(folder, name), whole.slice(0, -5))
    expect(await open().read('Thing__c')).toBeUndefined()
    await writeFile(join(folder, name), whole)
    await open().drop('thing__c')
    expect(await readdir(folder)).toEqual([])
  })

  test('does without a folder that cannot be made, and without names that are paths', async () => {
    await writeFile(join(folder, '..', '..', '..', 'file'), '')
    const cache = openDescribeCache({ folder: join(folder, '../../../file/x'), apiVersion: '66.0', now: () => time })
    await cache.keep(thing)
    await cache.drop('Thing__c')
    expect(await cache.read('Thing__c')).toBeUndefined()
    expect(await cache.read('../../secret')).toBeUndefined()
  })

  test('shows nothing of the identity in its name', () => {
    expect(describeFolder('/home', '127.0.0.1:80', ['00D!token'])).toMatch(/127\.0\.0\.1_80-[0-9a-f]{16}$/)
  })
})

describe('the descriptions of a connection', () => {
  function connect() {
    const asked: string[] = []
    const ask = async (object: string) => {
      asked.push(object)
      return thing
    }
    return { asked, ...createDescriptions(ask, open()) }
  }

  test('are not asked for when an earlier run did', async () => {
    await connect().describe('Thing__c')
    const later = connect()
    expect(await later.describe('thing__c')).toEqual(thing)
    expect(later.asked).toEqual([])
  })

  test('are asked for anew where they must be fresh, but not twice', async () => {
    await connect().describe('Thing__c')
    const later = connect()
    await later.describe('Thing__c')
    await later.describe('Thing__c', { fresh: true })
    await later.describe('Thing__c', { fresh: true })
    expect(later.asked).toEqual(['Thing__c'])
  })

  test('are asked for again once they are forgotten', async () => {
    const first = connect()
    await first.describe('Thing__c')
    await first.forget('THING__C')
    const later = connect()
    await later.describe('Thing__c')
    expect(later.asked).toEqual(['Thing__c'])
  })
})

import { describe, expect, test } from 'vitest'
import { UsageError } from '../../src/errors.ts'
import { listObjects } from '../../src/org/describe.ts'
import { renderFields } from '../../src/ui/description.ts'
import { fakeTools, openOrg, type Step, startDialogue } from './dialogue.ts'

const objects: Step = () => ({
  json: { sobjects: ['Account', 'Contact', 'acme__Invoice__c'].map((name) => ({ name })) },
})
const notFound: Step = () => ({
  status: 404,
  json: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
})

describe('the description of an object', () => {
  test('is asked for once, however often and in whatever case it is needed', async () => {
    const { url, heard } = await startDialogue([() => ({ json: { name: 'Account', fields: [] } })])
    const { org } = openOrg(url, fakeTools())
    const descriptions = await Promise.all(['Account', 'account', 'ACCOUNT'].map((name) => org.describe(name)))
    expect(descriptions.map(({ name }) => name)).toEqual(['Account', 'Account', 'Account'])
    expect(heard[0]?.url).toBe('/services/data/v66.0/sobjects/Account/describe')
  })

  test('is complete where the org says little, and allows what is not said', async () => {
    const told = {
      name: 'X',
      fields: [
        { name: 'Id', type: 'id' },
        { name: 'A__c', length: null, referenceTo: null },
      ],
    }
    const { url } = await startDialogue([() => ({ json: told }), () => ({ json: { name: 'Y' } })])
    const { org } = openOrg(url, fakeTools())
    const described = await org.describe('X')
    expect(described).toMatchObject({ label: 'X', createable: true, keyPrefix: null })
    expect(described.fields.map(({ createable }) => createable)).toEqual([false, true])
    expect(renderFields(described)).toEqual([
      'name  type    length  required  key  write  label',
      'A__c  string                                A__c',
      'Id    id                        Id   never  Id',
    ])
    expect(await org.describe('Y')).toMatchObject({ fields: [] })
  })

  test('is told from something else', async () => {
    const other: Step = () => ({ json: { hello: 'world' } })
    const { url } = await startDialogue([other, other])
    const { org } = openOrg(url, fakeTools())
    await expect(org.describe('Account')).rejects.toMatchObject({ code: 'NOT_DESCRIBED', exitCode: 1 })
    await expect(listObjects(org)).rejects.toMatchObject({ code: 'NOT_DESCRIBED', exitCode: 1 })
  })

  test('is asked for again after a failure', async () => {
    const denied: Step = () => ({ status: 403, json: [{ errorCode: 'API_DISABLED_FOR_ORG', message: 'no' }] })
    const { url } = await startDialogue([denied, () => ({ json: { name: 'Account', fields: [] } })])
    const { org } = openOrg(url, fakeTools())
    await expect(org.describe('Account')).rejects.toMatchObject({ exitCode: 4 })
    expect(await org.describe('Account')).toMatchObject({ name: 'Account' })
  })

  test('of an unknown object is a usage error that names the nearest, for one call more', async () => {
    const { url } = await startDialogue([notFound, objects])
    const { org } = openOrg(url, fakeTools())
    const failure = await org.describe('Acount').catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(UsageError)
    expect(failure).toMatchObject({
      code: 'UNKNOWN_OBJECT',
      exitCode: 2,
      hint: expect.stringContaining('Did you mean Account?'),
    })
    expect(org.usage.apiCalls).toBe(2)
  })

  test('of something that cannot be the name of an object costs no call', async () => {
    const { url } = await startDialogue([])
    const { org } = openOrg(url, fakeTools())
    await expect(org.describe('../limits')).rejects.toMatchObject({ code: 'UNKNOWN_OBJECT' })
  })
})

test('the list of objects is one call', async () => {
  const { url } = await startDialogue([objects])
  const { org } = openOrg(url, fakeTools())
  expect((await listObjects(org)).map(({ name }) => name)).toEqual(['Account', 'Contact', 'acme__Invoice__c'])
})

import { stat } from 'node:fs/promises'
import { expect, it } from 'vitest'
import { startOrg } from '../../src/local-org/server.ts'
import { startTestOrg } from '../support/org.ts'

it('serves on loopback alone, at a port of its own', async () => {
  const one = await startTestOrg()
  const other = await startTestOrg()
  expect(one.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
  expect(other.url).not.toBe(one.url)
  expect(other.password).not.toBe(one.password)
})

it('says that a port is taken', async () => {
  const { url, data } = await startTestOrg()
  const port = Number(new URL(url).port)
  await expect(startOrg({ data, port })).rejects.toMatchObject({ code: 'PORT_TAKEN', exit: 'usage' })
})

it('keeps its file to the owner, and its secrets across starts', async () => {
  const first = await startTestOrg()
  expect((await stat(first.data)).mode & 0o077).toBe(0)
  const again = await startTestOrg({ data: first.data })
  const { password, securityToken, clientId, clientSecret, accessToken } = again
  expect(first).toMatchObject({ password, securityToken, clientId, clientSecret, accessToken })
})

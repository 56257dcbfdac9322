import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { unreadableInput } from '../csv/input-file.ts'
import { UsageError } from '../errors.ts'
import { completeDescription, type ToldDescription } from '../org/complete-description.ts'
import type { ObjectDescription } from '../org/object-description.ts'
import type { Org } from '../org/org.ts'

/**
 * An org of which nothing is known but the descriptions in these files, as `sfbulk describe NAME --json` prints them. Whatever
 * else is asked of it ends in a `UsageError`, as does a file that is no description.
 */
export async function openOfflineOrg(files: readonly string[], folder: string): Promise<Org> {
  const descriptions = await Promise.all(files.map((file) => readDescription(file, folder)))
  return {
    name: files.map((file) => basename(file)).join(' and '),
    instanceUrl: '',
    username: undefined,
    isProtected: false,
    apiVersion: '',
    usage: { apiCalls: 0, bytesSent: 0, bytesReceived: 0 },
    callLimits: {},
    callsLeft: () => 0,
    soapTakesSession: true,
    async send() {
      throw new UsageError('this needs an org, and --describe names none', { hint: 'leave --describe out' })
    },
    async describe(object) {
      const found = descriptions.find(({ name }) => name.toLowerCase() === object.toLowerCase())
      if (found !== undefined) return found
      throw new UsageError(`no --describe file is about ${object}`, {
        code: 'UNKNOWN_OBJECT',
        hint: `make one: sfbulk describe ${object} --json > ${object}.json; then add --describe ${object}.json`,
      })
    },
    forgetDescription: async () => undefined,
    close: async () => undefined,
  }
}

async function readDescription(file: string, folder: string): Promise<ObjectDescription> {
  const text = await readFile(resolve(folder, file), 'utf8').catch((cause: unknown) => {
    throw unreadableInput(file, cause)
  })
  const description = parseJson(text)
  if (isDescription(description)) return completeDescription(description)
  throw new UsageError(`${file} is no description of an object`, {
    code: 'BAD_DESCRIPTION',
    hint: 'make one: sfbulk describe Account --json > account.json',
  })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Foreign JSON: the keys that every description has. */
function isDescription(value: unknown): value is ToldDescription {
  if (typeof value !== 'object' || value === null) return false
  const { name, fields } = value as Partial<ToldDescription>
  return typeof name === 'string' && Array.isArray(fields) && fields.every((field) => typeof field?.name === 'string')
}

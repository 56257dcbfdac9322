import { readFile } from 'node:fs/promises'
import { UsageError } from '../errors.ts'

/** The content of a YAML or JSON file. Throws `UsageError` for one that cannot be read. */
export async function readYaml(path: string): Promise<unknown> {
  const { parse } = await import('yaml')
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new UsageError(`the file ${path} cannot be read: ${messageOf(cause)}`, { code: 'FILE_UNREADABLE', cause })
  })
  try {
    return parse(text)
  } catch (cause) {
    throw badFile(path, [messageOf(cause).split('\n')[0] ?? ''], cause)
  }
}

/** Says what is wrong with a file. */
export function badFile(path: string, faults: readonly string[], cause?: unknown): UsageError {
  return new UsageError(`${path}: ${faults.join('; ')}`, { code: 'BAD_CONFIG', hint: 'see docs/sync.md', cause })
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

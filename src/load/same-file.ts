import { realpath, stat } from 'node:fs/promises'

/** Whether what is written to one would be in the other. A device such as /dev/null keeps nothing. */
export async function sameFile(a: string, b: string): Promise<boolean> {
  const [left, right] = await Promise.all([a, b].map((path) => stat(path).catch(() => undefined)))
  if (left?.isCharacterDevice()) return false
  if (a === b) return true
  if (left && right) return left.ino === right.ino && left.dev === right.dev
  const [realA, realB] = await Promise.all([a, b].map((path) => realpath(path).catch(() => path)))
  return realA === realB
}

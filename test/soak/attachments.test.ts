import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startTestOrg } from '../support/org.ts'
import { privateFolder, start } from '../support/run.ts'

const mostMegabytes = 300

/**
 * Number of files, bytes of each, and the calls that 200 rows and 45 MB of base64 a call make; with a file above 5 MB one more,
 * which asks for the org's own limit.
 */
const lists = [
  { files: 10_000, bytes: 10_240, calls: 50 },
  { files: 12, bytes: 20_000_000, calls: 13 },
] as const

it.each(lists)('sends $files files of $bytes bytes in $calls calls and bounded memory', async ({
  files,
  bytes,
  calls,
}) => {
  const org = await startTestOrg()
  const answer = await org.call('POST', 'sobjects/Account', { Name: 'Parent' })
  const { id } = (await answer.json()) as { id: string }
  const cwd = privateFolder()
  mkdirSync(join(cwd, 'files'))
  const rows = Array.from({ length: files }, (_, index) => {
    writeFileSync(join(cwd, `files/${index}`), Buffer.alloc(bytes, `${index} `))
    return `${id},files/${index}\n`
  })
  writeFileSync(join(cwd, 'manifest.csv'), `ParentId,Body_FileURL\n${rows.join('')}`)

  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const { child } = await start('attach manifest.csv --json -q', { cwd, env })
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, peakMegabytes(child.pid))
  }, 50)
  const pieces: Buffer[] = []
  for await (const piece of child.stdout ?? []) pieces.push(piece)
  clearInterval(watch)

  expect(JSON.parse(Buffer.concat(pieces).toString())).toMatchObject({
    rows: { read: files, accepted: files },
    exitCode: 0,
  })
  expect(org.count('POST', /^\/services\/Soap/)).toBe(calls)
  expect(peak).toBeLessThan(mostMegabytes)
})

/** Most memory of a process so far; 0 where the system does not tell. Source: proc(5). */
function peakMegabytes(pid: number | undefined): number {
  try {
    return (Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) * 1024) / 1e6
  } catch {
    return 0
  }
}

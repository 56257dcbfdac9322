import { spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { mkdir, rm } from 'node:fs/promises'

/** One run of a program. */
export interface Run {
  readonly seconds: number
  /** User and system time of all its threads; undefined where the system does not tell. */
  readonly cpuSeconds: number | undefined
  /** Most memory that it held, in MB; undefined where the system does not tell. */
  readonly peak: number | undefined
}

export interface RunOptions {
  readonly folder: string
  readonly environment?: Readonly<Record<string, string>>
  /** Exit codes that are no failure. Default: 0. */
  readonly codes?: readonly number[]
}

/** Runs a program to its end. Throws when it ends with another code, with what it wrote to standard error. */
export async function run(command: readonly string[], options: RunOptions): Promise<Run> {
  const [program = '', ...args] = command
  const began = performance.now()
  const child = spawn(program, args, {
    cwd: options.folder,
    env: { ...process.env, ...options.environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let talk = ''
  child.stderr.on('data', (chunk: Buffer) => {
    talk += chunk
  })
  let usage = readUsage(child.pid)
  const watch = setInterval(() => {
    usage = readUsage(child.pid) ?? usage
  }, 10)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', resolve)
  })
  const seconds = (performance.now() - began) / 1000
  clearInterval(watch)
  if (!(options.codes ?? [0]).includes(code ?? -1)) throw new Error(`${command.join(' ')} ended with ${code}:\n${talk}`)
  return { seconds, cpuSeconds: usage?.cpuSeconds, peak: usage?.peak }
}

/**
 * Runs each in turn, the order turned round every other time, so that what else the machine does hits all alike. Each begins with a
 * disk at rest: what the one before has left to be written would be written at its cost. And it begins without the files in the
 * folder `written`: to replace a file costs what the file system makes of it, up to as much as to write it.
 */
export async function interleave<Name extends string, Result>(
  rounds: number,
  variants: Readonly<Record<Name, () => Promise<Result>>>,
  written?: string,
): Promise<Record<Name, Result[]>> {
  const names = Object.keys(variants) as Name[]
  const results = Object.fromEntries(names.map((name) => [name, []])) as unknown as Record<Name, Result[]>
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? names : names.toReversed()
    for (const name of order) {
      await restDisk(written)
      results[name].push(await variants[name]())
    }
  }
  return results
}

/** Where there is no program `sync`, it is left to chance. */
async function restDisk(written: string | undefined): Promise<void> {
  if (written !== undefined) {
    await rm(written, { recursive: true, force: true })
    await mkdir(written)
  }
  spawnSync('sync')
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Source: proc(5). Clock ticks are hundredths of a second on Linux. */
function readUsage(pid: number | undefined): { cpuSeconds: number; peak: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1')
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const peak = /VmHWM:\s+(\d+) kB/.exec(status)?.[1]
    return peak === undefined
      ? undefined
      : { cpuSeconds: (Number(fields[11]) + Number(fields[12])) / 100, peak: (Number(peak) * 1024) / 1e6 }
  } catch {
    return undefined
  }
}

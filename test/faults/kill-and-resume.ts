import { copyFileSync, mkdtempSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OrgOptions } from '../../src/local-org/org-options.ts'
import { startOrg } from '../../src/local-org/server.ts'
import { openDatabase } from '../../src/sqlite/database.ts'
import { startTestOrg, type TestOrg } from '../support/org.ts'
import { privateFolder, type RunResult, run, start } from '../support/run.ts'
import { withoutIds } from './fault-org.ts'

type Files = Readonly<Record<string, string>>

/** A command that a process may not survive. */
export interface Work {
  readonly line: string
  readonly files: Files | ((org: TestOrg) => Promise<Files>)
  /** What the org holds first: a load that nothing disturbs. */
  readonly seed?: { readonly line: string; readonly files: Files }
  /** Asked of the org at the end: its answer is the state that is compared. */
  readonly soql: string
  readonly stdin?: string
  /** How the org is. */
  readonly org?: Partial<OrgOptions>
}

/** What is left when all is done. */
export interface Remains {
  readonly code: number | null
  /** Rows of the final query, sorted, Ids left out. */
  readonly records: readonly string[]
  /** Result files by name, each Id by the order in which it is met. */
  readonly files: Readonly<Record<string, string | undefined>>
  /** How often each record was written, the counts sorted. */
  readonly writes: readonly number[]
}

/** When a process is killed: when the org has answered so many requests, the journal has so many lines, or after a time. */
export type KillMoment =
  | { readonly requests: number }
  | { readonly entries: number }
  | { readonly milliseconds: number }

/** How long a command takes that nobody disturbs. */
export interface Course {
  readonly requests: number
  readonly entries: number
  readonly milliseconds: number
}

/** The command as it ends when nobody disturbs it. */
export async function runUndisturbed(work: Work): Promise<Remains> {
  return (await followUndisturbed(work)).remains
}

/** The same, and how long it took. */
export async function followUndisturbed(work: Work): Promise<{ readonly remains: Remains; readonly course: Course }> {
  const stage = await prepare(work)
  const { cwd, env } = stage
  const files = await filesOf(work, stage)
  let requests = 0
  stage.listener = () => void requests++
  const began = performance.now()
  const result = await run(work.line, { cwd, env, files, ...stdinOf(work) })
  const course = { requests, entries: countEntries(stage), milliseconds: performance.now() - began }
  return { course, remains: await describeRemains(work, stage, result) }
}

/**
 * Runs the command, kills it at the first moment, resumes it, kills that at the next one, and so on; the last process lives.
 * `kills`: how many of them really died.
 */
export async function runKilled(work: Work, moments: readonly KillMoment[]): Promise<Remains & { kills: number }> {
  const stage = await prepare(work)
  let kills = 0
  for (const moment of moments) {
    if (await runUntil(moment, work, stage)) kills++
    else break
  }
  const result = await run(nextLine(work, stage), {
    cwd: stage.cwd,
    env: stage.env,
    files: await filesOf(work, stage),
    ...stdinOf(work),
  })
  // A process may have died after it had written its account.
  const { exitCode } = JSON.parse((await run('runs show --json', { cwd: stage.cwd })).stdout)
  return { ...(await describeRemains(work, stage, { ...result, code: exitCode })), kills }
}

/** What a database has in its log is not in its file yet. */
function emptyLog(data: string): void {
  const storage = openDatabase(data)
  storage.exec('PRAGMA wal_checkpoint(TRUNCATE)')
  storage.close()
}

interface Stage {
  readonly org: TestOrg
  readonly cwd: string
  readonly env: Readonly<Record<string, string>>
  /** Told of each request that the org has answered. */
  listener: () => void
}

async function prepare(work: Work): Promise<Stage> {
  const stage = { listener: () => {} }
  const onRequest = () => stage.listener()
  const data = work.seed === undefined ? {} : { data: await copySeeded(work, work.seed) }
  const org = await startTestOrg({ ...work.org, ...data, ledger: true, onRequest })
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  return Object.assign(stage, { org, env, cwd: privateFolder() })
}

/** The data files of orgs that hold what a work begins with: made once, since that may take longer than the work. */
const seededOrgs = new Map<NonNullable<Work['seed']>, Promise<string>>()

async function copySeeded(work: Work, seed: NonNullable<Work['seed']>): Promise<string> {
  const made = seededOrgs.get(seed) ?? seedOrg(work, seed)
  seededOrgs.set(seed, made)
  const data = join(privateFolder(), 'org.db')
  copyFileSync(await made, data)
  return data
}

async function seedOrg({ org: options }: Work, { line, files }: NonNullable<Work['seed']>): Promise<string> {
  const data = join(mkdtempSync(join(tmpdir(), 'sfbulk-seeded-')), 'org.db')
  const org = await startOrg({ speed: 'instant', ...options, data, ledger: true })
  const env = { SF_INSTANCE_URL: org.url, SF_ACCESS_TOKEN: org.accessToken }
  const seeded = await run(`${line} -q`, { cwd: privateFolder(), env, files })
  await org.close()
  emptyLog(data)
  if (seeded.code !== 0) throw new Error(`the org could not be prepared: ${seeded.stderr}`)
  return data
}

/** True when the process died by it, false when it ended before. */
async function runUntil(moment: KillMoment, work: Work, stage: Stage): Promise<boolean> {
  const { cwd, env } = stage
  const files = await filesOf(work, stage)
  const { child } = await start(nextLine(work, stage), { cwd, env, files })
  child.stdin?.end(work.stdin ?? '')
  child.stdout?.resume()
  child.stderr?.resume()
  const kill = () => void child.kill('SIGKILL')
  let answered = 0
  stage.listener = () => {
    answered++
    if ('requests' in moment && answered >= moment.requests) kill()
  }
  const watch = 'entries' in moment ? setInterval(() => countEntries(stage) >= moment.entries && kill(), 1) : undefined
  const alarm = 'milliseconds' in moment ? setTimeout(kill, moment.milliseconds) : undefined
  const signal = await new Promise((resolve) => child.on('close', (_, name) => resolve(name)))
  clearInterval(watch)
  clearTimeout(alarm)
  stage.listener = () => {}
  return signal === 'SIGKILL'
}

/** The files are laid out once: their time of change is part of what a run knows them by. */
async function filesOf({ files }: Work, stage: Stage): Promise<Files> {
  if (hasRun(stage)) return {}
  return typeof files === 'function' ? await files(stage.org) : files
}

function stdinOf({ stdin }: Work): { stdin?: string } {
  return stdin === undefined ? {} : { stdin }
}

function nextLine({ line }: Work, stage: Stage): string {
  return hasRun(stage) ? 'resume' : line
}

/** A process that died before it had a journal has sent nothing: the command is given again. */
function hasRun(stage: Stage): boolean {
  return countEntries(stage) > 0
}

function countEntries({ cwd }: Stage): number {
  try {
    const folder = join(`${cwd}.home`, 'runs')
    const [name = ''] = readdirSync(folder)
    const journal = join(folder, name, 'journal.jsonl')
    return statSync(journal).size === 0 ? 0 : readFileSync(journal, 'utf8').split('\n').length - 1
  } catch {
    return 0
  }
}

async function describeRemains({ soql }: Work, { org }: Stage, result: RunResult): Promise<Remains> {
  const records = (await readRecords(org, soql)).map((cells) => JSON.stringify(cells, withoutAttributes))
  const files = Object.entries(result.files).map(([name, text]) => [name, withoutIds(text)] as const)
  return {
    code: result.code,
    records: records.sort(),
    files: Object.fromEntries(files),
    writes: [...org.writes().values()].sort((a, b) => a - b),
  }
}

/** Addresses hold Ids, which new records get in the order in which they arrive. */
function withoutAttributes(key: string, value: unknown): unknown {
  return key === 'attributes' ? undefined : value
}

/** All rows of a query on the org itself. */
export async function readRecords(org: TestOrg, soql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const records: Record<string, unknown>[] = []
  let path: string | undefined = `query?q=${encodeURIComponent(soql)}`
  while (path !== undefined) {
    const answer = await org.call('GET', path)
    const page = (await answer.json()) as { records: Record<string, unknown>[]; nextRecordsUrl?: string }
    records.push(...page.records.map(({ attributes: _, ...cells }) => cells))
    path = page.nextRecordsUrl
  }
  return records
}

import { expect } from 'vitest'
import type { Fault } from '../../src/local-org/faults.ts'
import type { OrgOptions } from '../../src/local-org/org-options.ts'
import { breakOrg, connectTo, type FaultOrg, openFaultOrg } from './fault-org.ts'
import { type Outcome, type RequestType, type Scenario, typesOf } from './scenarios.ts'

/** What goes wrong with a request. */
export type FaultKind = Omit<Fault, 'method' | 'path' | 'nth'>

/** Longer than the org ever takes for these few rows. */
const hangSilence = 1_000

const orgOptions: Partial<OrgOptions> = { pageRows: 100 }

/** Does the work of a scenario undisturbed, then once with the fault in each request that it makes. */
export async function expectUndisturbed(scenario: Scenario, fault: FaultKind): Promise<void> {
  const quiet = await perform(scenario)
  for (const type of typesOf(quiet.requests)) {
    const { outcome, state, org } = await perform(scenario, { ...type, ...fault })
    const label = `${scenario.name}: ${JSON.stringify(fault)} at ${describeType(type)}`
    expect(org.writtenTwice(), label).toEqual([])
    if (scenario.mayStayUnknown && outcome.unknown > 0) expectOnlyUnknown(quiet.state, state, outcome, label)
    else expect({ ...outcome, state }, label).toEqual({ ...quiet.outcome, state: quiet.state })
  }
}

async function perform(scenario: Scenario, fault?: Fault) {
  const patient = await openFaultOrg(orgOptions)
  await scenario.prepare(patient)
  const org: FaultOrg = fault?.hang === undefined ? patient : await connectTo(patient.service, hangSilence)
  if (fault !== undefined) breakOrg(org, fault)
  const before = org.service.requests.length
  const writes = org.service.writes()
  const outcome = await scenario.run(org)
  const requests = org.service.requests.slice(before)
  const state = await org.rows(scenario.state)
  return { outcome, requests, state, org: { ...org, writtenTwice: () => writtenTwice(org, writes) } }
}

/** Records that the run itself wrote more than once. */
function writtenTwice({ service }: FaultOrg, before: ReadonlyMap<string, number>): readonly string[] {
  return [...service.writes()].flatMap(([id, writes]) => (writes - (before.get(id) ?? 0) > 1 ? [id] : []))
}

/** Rows of which nothing is known are in the org or are not, but never twice, and nothing else is there. */
function expectOnlyUnknown(quiet: readonly string[], state: readonly string[], outcome: Outcome, label: string): void {
  expect(outcome.exit, label).toBe('failed')
  expect(new Set(state).size, label).toBe(state.length)
  expect(
    state.filter((row) => !quiet.includes(row)),
    label,
  ).toEqual([])
  expect(outcome.files[1], label).toContain('UNKNOWN:')
}

function describeType({ method, path, nth }: RequestType): string {
  return `${method} ${path} (${nth})`
}

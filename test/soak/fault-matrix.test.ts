import { describe, it } from 'vitest'
import { expectUndisturbed } from '../faults/compare.ts'
import { faultKinds } from '../faults/fault-kinds.ts'
import { bulkChanges } from '../faults/scenarios.ts'

describe.each(bulkChanges.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
  it.each(Object.entries(faultKinds))('comes to the same in spite of %s', (_, fault) =>
    expectUndisturbed(scenario, fault))
})

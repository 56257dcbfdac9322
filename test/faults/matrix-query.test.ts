import { describe, it } from 'vitest'
import { expectUndisturbed } from './compare.ts'
import { faultKinds } from './fault-kinds.ts'
import { queries } from './scenarios.ts'

describe.each(queries.map((scenario) => [scenario.name, scenario] as const))('%s', (_, scenario) => {
  it.each(Object.entries(faultKinds))('comes to the same in spite of %s', (_, fault) =>
    expectUndisturbed(scenario, fault))
})

import { it } from 'vitest'
import { expectNoGrowth } from '../faults/many-runs.ts'

it('leaves nothing behind after 200 runs in each of which something goes wrong', async () => {
  await expectNoGrowth(200, Number(process.env.SOAK_SEED ?? 2))
})

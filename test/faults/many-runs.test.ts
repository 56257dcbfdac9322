import { it } from 'vitest'
import { expectNoGrowth } from './many-runs.ts'

it('leaves nothing behind after a dozen runs in each of which something goes wrong', async () => {
  await expectNoGrowth(12, 1)
})

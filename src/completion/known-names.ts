import { listAliases } from '../connections/connection-store.ts'
import { listKeptDescriptions } from '../org/describe-cache.ts'
import { listRunIds } from '../runs/list-runs.ts'
import type { KnownNames } from './candidates.ts'

/** The names that this machine has seen: a Tab must be quick and cost no API call. `home`: SFBULK_HOME. */
export function knownNames(home: string): KnownNames {
  return {
    async objects() {
      const kept = await listKeptDescriptions(home)
      return [...new Set([...kept.map(({ name }) => name), ...commonObjects])].sort()
    },
    async fields(object) {
      const kept = await listKeptDescriptions(home)
      const described = kept.find(({ name }) => name.toLowerCase() === object.toLowerCase())
      return described?.fields.map(({ name }) => name) ?? []
    },
    aliases: async () => ['local', ...(await listAliases(home))],
    runs: () => listRunIds(home),
  }
}

/** Objects that nearly every org has. */
const commonObjects = ['Account', 'Asset', 'Campaign', 'Case', 'Contact', 'Contract', 'Event', 'Lead', 'Opportunity']

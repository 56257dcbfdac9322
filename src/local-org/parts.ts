import type { Storage } from '../sqlite/database.ts'
import type { AuthorizationCodes } from './authorization-codes.ts'
import type { Engine } from './engine.ts'
import type { Faults } from './faults.ts'
import type { Cursors } from './http/query-cursors.ts'
import type { IngestResults } from './jobs/ingest-results.ts'
import type { JobRunner } from './jobs/job-runner.ts'
import type { JobStore } from './jobs/job-store.ts'
import type { QueryPages } from './jobs/query-pages.ts'
import type { QuerySnapshots } from './jobs/query-snapshots.ts'
import type { Uploads } from './jobs/uploads.ts'
import type { ResolvedOrgOptions } from './org-options.ts'
import type { RefreshTokens } from './refresh-tokens.ts'
import type { Sessions } from './sessions.ts'
import type { OrgSettings } from './settings.ts'
import type { UsageCounters } from './usage-counters.ts'

/** Everything that the handlers of one running local org share. */
export interface OrgParts {
  readonly options: ResolvedOrgOptions
  readonly storage: Storage
  readonly engine: Engine
  readonly settings: OrgSettings
  /** The administrator, as whom a client works that names nobody. */
  readonly user: { readonly id: string; readonly username: string }
  /** 18 characters. */
  readonly organizationId: string
  readonly sessions: Sessions
  readonly refreshTokens: RefreshTokens
  readonly codes: AuthorizationCodes
  readonly usage: UsageCounters
  readonly faults: Faults
  readonly cursors: Cursors
  readonly jobs: JobStore
  readonly uploads: Uploads
  readonly results: IngestResults
  readonly pages: QueryPages
  readonly snapshots: QuerySnapshots
  readonly runner: JobRunner
  /** Scheme, host and port; known once the server listens. */
  url(): string
}

import { attachCommand } from './attach.ts'
import { checkCommand } from './check.ts'
import type { Command } from './command.ts'
import { completeCommand } from './complete.ts'
import { completionCommand } from './completion.ts'
import { configCommand } from './config.ts'
import { deleteCommand } from './delete.ts'
import { describeCommand } from './describe.ts'
import { hardDeleteCommand } from './hard-delete.ts'
import { insertCommand } from './insert.ts'
import { limitsCommand } from './limits.ts'
import { loginCommand } from './login.ts'
import { logoutCommand } from './logout.ts'
import { mapCommand } from './map.ts'
import { orgResetCommand } from './org-reset.ts'
import { orgStartCommand } from './org-start.ts'
import { orgsCommand } from './orgs.ts'
import { queryCommand } from './query.ts'
import { resumeCommand } from './resume.ts'
import { runsCommand, runsPruneCommand, runsShowCommand } from './runs.ts'
import { syncAddCommand } from './sync-add.ts'
import { syncBackupCommand } from './sync-backup.ts'
import { syncConflictsCommand } from './sync-conflicts.ts'
import { syncInitCommand } from './sync-init.ts'
import { syncPullCommand } from './sync-pull.ts'
import { syncPushCommand } from './sync-push.ts'
import { syncResolveCommand } from './sync-resolve.ts'
import { syncRunCommand } from './sync-run.ts'
import { syncStatusCommand } from './sync-status.ts'
import { syncWatchCommand } from './sync-watch.ts'
import { undoCommand } from './undo.ts'
import { updateCommand } from './update.ts'
import { upsertCommand } from './upsert.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  queryCommand,
  insertCommand,
  updateCommand,
  upsertCommand,
  deleteCommand,
  hardDeleteCommand,
  attachCommand,
  checkCommand,
  describeCommand,
  mapCommand,
  runsCommand,
  runsShowCommand,
  runsPruneCommand,
  resumeCommand,
  undoCommand,
  limitsCommand,
  syncInitCommand,
  syncAddCommand,
  syncPullCommand,
  syncPushCommand,
  syncRunCommand,
  syncStatusCommand,
  syncConflictsCommand,
  syncResolveCommand,
  syncWatchCommand,
  syncBackupCommand,
  loginCommand,
  logoutCommand,
  orgsCommand,
  configCommand,
  orgStartCommand,
  orgResetCommand,
  completionCommand,
  completeCommand,
]

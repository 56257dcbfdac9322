import { attachCommand } from './attach.ts'
import type { Command } from './command.ts'
import { completeCommand } from './complete.ts'
import { completionCommand } from './completion.ts'
import { deleteCommand } from './delete.ts'
import { describeCommand } from './describe.ts'
import { hardDeleteCommand } from './hard-delete.ts'
import { insertCommand } from './insert.ts'
import { limitsCommand } from './limits.ts'
import { orgResetCommand } from './org-reset.ts'
import { orgStartCommand } from './org-start.ts'
import { queryCommand } from './query.ts'
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
  describeCommand,
  limitsCommand,
  orgStartCommand,
  orgResetCommand,
  completionCommand,
  completeCommand,
]

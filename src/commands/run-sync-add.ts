import { dirname, relative, resolve } from 'node:path'
import { UsageError } from '../errors.ts'
import { exitCodes } from '../exit-codes.ts'
import type { Org } from '../org/org.ts'
import { chooseFields, type WantedObject } from '../sync/choose-fields.ts'
import { readConfigFile } from '../sync/config-file.ts'
import { addObjects, changeObject, openSyncFile, readSetting, type SyncFile, writeSetting } from '../sync/sync-file.ts'
import type { SyncObject } from '../sync/sync-object.ts'
import type { CommandCall, CommandResult } from './command.ts'
import type { OptionValues } from './option.ts'
import type { objectOptions } from './sync-options.ts'
import { withOrg } from './with-org.ts'
import { hostOf, locked, syncPath } from './with-sync.ts'

type AddCall = CommandCall<OptionValues<typeof objectOptions>>

/** Adds objects to a sync file, or gives those that it has other fields. */
export async function run(call: AddCall): Promise<CommandResult> {
  return await addToFile(call, openSyncFile(syncPath(call), call.arguments[0]))
}

/** Does so in an open file, which is closed in the end. */
export async function addToFile(call: AddCall, file: SyncFile): Promise<CommandResult> {
  const { options, io } = call
  try {
    const wanted = await readWanted(call, file)
    const log = options.verbose ? (line: string) => void io.stderr.write(`${line}\n`) : undefined
    const target = options.targetOrg ?? readSetting(file, 'target')
    const objects = await withOrg({ options: { ...options, targetOrg: target }, io, log }, async (org) => {
      const described = await describeAll(org, wanted)
      await locked(file, async () => {
        file.apply(() => {
          keepObjects(file, described)
          if (readSetting(file, 'host') === undefined) writeSetting(file, 'host', hostOf(org))
          if (options.targetOrg !== undefined) writeSetting(file, 'target', options.targetOrg)
        })
      })
      return described
    })
    tell(call, objects)
    return exitCodes.done.code
  } finally {
    file.close()
  }
}

async function readWanted({ options, io }: AddCall, file: SyncFile): Promise<readonly WantedObject[]> {
  const { object, config, fields, where, pattern, externalId, files } = options
  if (config !== undefined) {
    if (object !== undefined) throw new UsageError('--object and --config both name objects', { hint: 'leave one out' })
    return await readConfigFile(resolve(io.folder, config))
  }
  if (object === undefined) {
    throw new UsageError('no object is named', { hint: 'add --object Account, or --config with a file' })
  }
  // What is not said of an object that the file has stays as it is.
  const known = file.objects().find(({ name }) => name.toLowerCase() === object.toLowerCase())
  return [
    {
      object,
      fields: fields?.split(',').map((name) => name.trim()) ?? known?.fields.map(({ name }) => name),
      where: where ?? known?.where,
      pattern: pattern ?? known?.pattern ?? 'conflicts',
      externalId: externalId ?? known?.externalId,
      files: files === undefined ? known?.files?.folder : relative(dirname(file.path), resolve(io.folder, files)),
    },
  ]
}

async function describeAll(org: Org, wanted: readonly WantedObject[]): Promise<readonly SyncObject[]> {
  const objects: SyncObject[] = []
  for (const each of wanted) objects.push(chooseFields(each, await org.describe(each.object, { fresh: true })))
  return objects
}

function keepObjects(file: SyncFile, objects: readonly SyncObject[]): void {
  const known = new Map(file.objects().map((object) => [object.name, object]))
  addObjects(
    file,
    objects.filter(({ name }) => !known.has(name)),
  )
  for (const object of objects) {
    const before = known.get(object.name)
    if (before !== undefined) changeObject(file, before, object)
  }
}

function tell({ arguments: [path], options, io }: AddCall, objects: readonly SyncObject[]): void {
  if (options.json) {
    const told = objects.map(({ name, pattern, where = null, fields, files = null }) => ({
      object: name,
      pattern,
      where,
      fields: fields.map((field) => field.name),
      files,
    }))
    io.stdout.write(`${JSON.stringify({ file: path, objects: told, exitCode: exitCodes.done.code })}\n`)
  }
  if (options.quiet) return
  for (const { name, pattern, fields, files } of objects) {
    const kept = files === undefined ? '' : `, files in ${files.folder}`
    io.stderr.write(
      `table ${name}: Id and ${fields.length} ${fields.length === 1 ? 'field' : 'fields'}, ${pattern}${kept}\n`,
    )
  }
  io.stderr.write(`fill it: sfbulk sync pull ${path}\n`)
}

import { UsageError } from '../errors.ts'
import { type ExitCode, exitCodes } from '../exit-codes.ts'
import { describeObject, listObjects } from '../org/describe.ts'
import type { Org } from '../org/org.ts'
import { renderCsvTemplate, renderFields, renderObjects } from '../ui/description.ts'
import type { CommandCall } from './command.ts'
import type { describeOptions } from './describe.ts'
import type { OptionValues } from './option.ts'
import { logTo, withOrg } from './with-org.ts'

type DescribeCall = CommandCall<OptionValues<typeof describeOptions>>

/** Prints the fields of an object, or the objects of the org. */
export async function run(call: DescribeCall): Promise<ExitCode> {
  const { options, io } = call
  const [object] = call.arguments
  if (options.csvTemplate && object === undefined) {
    throw new UsageError('--csv-template needs the name of an object', {
      hint: 'sfbulk describe Account --csv-template',
    })
  }
  const lines = await withOrg({ options, io, log: logTo(io, options.verbose) }, (org) =>
    describeIn(org, object, options),
  )
  for (const line of lines) io.stdout.write(`${line}\n`)
  return exitCodes.done.code
}

async function describeIn(
  org: Org,
  object: string | undefined,
  options: DescribeCall['options'],
): Promise<readonly string[]> {
  if (object === undefined) {
    const sobjects = await listObjects(org)
    return options.json ? [JSON.stringify({ sobjects }, null, 2)] : renderObjects(sobjects)
  }
  if (options.json) {
    const told = await describeObject(org, object)
    await org.forgetDescription(object)
    return [JSON.stringify(told, null, 2)]
  }
  const description = await org.describe(object, { fresh: true })
  return options.csvTemplate ? [renderCsvTemplate(description)] : renderFields(description)
}

import { foreseeIngestJob } from '../bulk/job-cost.ts'
import type { InputSize } from '../csv/records.ts'
import type { OperationName } from '../operations.ts'
import { formatRows } from '../ui/figures.ts'

/** What decides by which API rows are written. */
export interface WriteToChoose {
  readonly operation: OperationName
  /** As `--api` says. */
  readonly asked: 'auto' | 'bulk' | 'soap'
  /** `more`: the input was not looked at to its end. */
  readonly input: InputSize | 'more'
  /** Whether a column goes to a field of binary data. */
  readonly hasBinary: boolean
  /** Whether the SOAP API takes the session. */
  readonly soapTakesSession: boolean
  /** Whether the user has said how large jobs are. */
  readonly jobBytesGiven: boolean
  /** Whether the answers are left to a later run. */
  readonly submitOnly?: boolean
}

export interface ApiChoice {
  readonly api: 'bulk' | 'soap'
  /** For `--verbose` and `--json`: why. */
  readonly reason: string
  /** API calls that the rows are expected to cost; undefined where their number is not known. */
  readonly calls: number | undefined
}

/**
 * The API that costs fewest calls for a write. SOAP takes 200 rows a call and answers at once; a Bulk job costs its start, a
 * question for its state now and then, and its results, whatever its size. Two ways that cost the same go to Bulk, whose
 * jobs outlive this program.
 *
 * Where SOAP cannot do it, or not all of it, the calls do not matter: a hard delete, a token that it refuses, characters
 * that XML has no way to write. An input of more than a mebibyte is not looked at to its end; it is a job's.
 */
export function chooseApi(write: WriteToChoose): ApiChoice {
  const { asked, input } = write
  const rows = input === 'more' ? undefined : input.rows
  const soapCalls = rows === undefined ? undefined : Math.ceil(rows / rowsOfCall)
  const bulkCalls = input === 'more' ? undefined : foreseeIngestJob(input).total
  const bulk = (reason: string): ApiChoice => ({ api: 'bulk', reason, calls: bulkCalls })
  const soap = (reason: string): ApiChoice => ({ api: 'soap', reason, calls: soapCalls })

  if (write.operation === 'undelete') return soap('only SOAP undeletes')
  if (asked !== 'auto') return (asked === 'bulk' ? bulk : soap)(`--api ${asked}`)
  if (write.hasBinary) return soap('the Bulk API does not take binary fields')
  const obstacle = findObstacle(write)
  if (obstacle !== undefined) return bulk(obstacle)
  if (rows === undefined || soapCalls === undefined || bulkCalls === undefined) return bulk('the input is large')
  if (rows === 0) return { api: 'soap', reason: 'there are no rows', calls: 0 }
  if (soapCalls === 1) return soap(`${formatRows(rows)} ${rows === 1 ? 'fits' : 'fit'} one call`)
  const comparison = `${formatRows(rows)}: ${soapCalls} SOAP calls against about ${bulkCalls} of a Bulk job`
  return soapCalls < bulkCalls ? soap(comparison) : bulk(comparison)
}

/** Source: SOAP API guide, "create()" and its like. */
const rowsOfCall = 200

function findObstacle({
  operation,
  input,
  soapTakesSession,
  jobBytesGiven,
  submitOnly,
}: WriteToChoose): string | undefined {
  if (operation === 'hard-delete') return 'only the Bulk API hard-deletes'
  if (!soapTakesSession) return 'the SOAP API refuses JSON Web Tokens'
  if (submitOnly) return '--async leaves the answers to the service, and only a Bulk job keeps them'
  if (jobBytesGiven) return '--job-bytes is about Bulk jobs'
  if (input !== 'more' && input.hasControlCharacters)
    return 'the input holds control characters, which XML cannot carry'
  return undefined
}

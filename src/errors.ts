import { type ExitCode, type ExitName, exitCodes } from './exit-codes.ts'

/** What every expected failure carries: a stable code, the sentence, the next step, and how the program ends. */
export interface ErrorDetails {
  /** Stable, upper case with underscores: what a script compares. */
  readonly code: string
  /** What to do next: a command to run, an option to add, a file to open. */
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/**
 * A failure that the program expects and explains in a line or two, without a stack. Anything else that is thrown is a
 * bug and shows its stack.
 */
export class ExpectedError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly exit: ExitName

  constructor(exit: ExitName, message: string, { code, hint, cause }: ErrorDetails) {
    super(message, { cause })
    this.name = new.target.name
    this.exit = exit
    this.code = code
    this.hint = hint
  }

  get exitCode(): ExitCode {
    return exitCodes[this.exit].code
  }
}

/** Wrong option, file, object, column, field or query. Nothing has been written to the org (exit 2). */
export class UsageError extends ExpectedError {
  constructor(message: string, details: Partial<ErrorDetails> = {}) {
    super('usage', message, { code: 'USAGE', ...details })
  }
}

/** Could not log in, or not allowed (exit 4). */
export class AuthError extends ExpectedError {
  constructor(message: string, details: Partial<ErrorDetails> = {}) {
    super('denied', message, { code: 'AUTH', ...details })
  }
}

/** The run could not be carried to its end: host not reached, job failed by the service, disk full (exit 1). */
export class RunError extends ExpectedError {
  constructor(message: string, details: Partial<ErrorDetails> = {}) {
    super('failed', message, { code: 'RUN_FAILED', ...details })
  }
}

/** Stopped before the end and can be carried on: time over, interrupted, a limit reached (exit 5). */
export class UnfinishedError extends ExpectedError {
  constructor(message: string, details: Partial<ErrorDetails> = {}) {
    super('unfinished', message, { code: 'UNFINISHED', ...details })
  }
}

/** The org answered a request with an error: its HTTP status and Salesforce's own code and text. */
export class ApiError extends ExpectedError {
  /** HTTP status of the answer. */
  readonly status: number
  /** Salesforce's `errorCode`, such as `INVALIDJOBSTATE`; `HTTP_503` where the body named none. */
  readonly errorCode: string

  constructor(exit: ExitName, status: number, errorCode: string, message: string, details: Partial<ErrorDetails> = {}) {
    super(exit, message, { code: errorCode, ...details })
    this.status = status
    this.errorCode = errorCode
  }
}

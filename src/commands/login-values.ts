import { gatherVariables, parseVariables } from '../connections/variables.ts'
import { UsageError } from '../errors.ts'
import type { Value, Values } from '../org/login-flows.ts'
import { askSecret } from './ask-secret.ts'
import type { LoginCall } from './run-login.ts'

/** The variables of a new login: those of standard input, or of the environment and `.env`, and what the options say. */
export async function loginValues(call: LoginCall): Promise<Values> {
  const { options, io } = call
  const given = options.stdin ? await readStdin(call) : await gatherVariables(io.environment, io.folder)
  const typed: Record<string, string | undefined> = {
    SF_LOGIN_URL: options.instanceUrl,
    SF_CLIENT_ID: options.clientId,
    SF_USERNAME: options.username,
  }
  const values = new Map<string, Value>(given)
  for (const [name, text] of Object.entries(typed)) {
    if (text !== undefined) values.set(name, { text, origin: 'command line' })
  }
  if (options.username !== undefined && !values.has('SF_PASSWORD') && !values.has('SF_JWT_KEY_FILE')) {
    await askForPassword(values, call)
  }
  return values
}

async function readStdin({ io }: LoginCall): Promise<Values> {
  if (io.stdin.isTTY === true) {
    throw new UsageError('--stdin reads variables, and standard input is a terminal', {
      code: 'NO_INPUT',
      hint: 'send them through a pipe, such as: sfbulk login --stdin < connection.env',
    })
  }
  const chunks: Buffer[] = []
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk))
  return parseVariables('standard input', Buffer.concat(chunks).toString())
}

async function askForPassword(values: Map<string, Value>, { io, signal }: LoginCall): Promise<void> {
  if (io.stdin.isTTY !== true || io.stderr.isTTY !== true) {
    throw new UsageError('--username asks for the password, and there is no terminal to ask on', {
      code: 'NO_INPUT',
      hint: 'set SF_PASSWORD and SF_SECURITY_TOKEN in the environment, or send them by --stdin',
    })
  }
  const asked = {
    SF_PASSWORD: await askSecret('password', io, signal),
    SF_SECURITY_TOKEN: await askSecret('security token (empty where the network is trusted)', io, signal),
  }
  for (const [name, text] of Object.entries(asked)) {
    if (text !== '') values.set(name, { text, origin: 'typed' })
  }
}

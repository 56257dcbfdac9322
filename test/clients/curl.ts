import { spawn, spawnSync } from 'node:child_process'

/** Whether this machine has the program. */
export const hasCurl = spawnSync('curl', ['--version']).status === 0

/** An answer as curl prints it with `--include`. */
export interface CurlAnswer {
  readonly status: number
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/**
 * Runs `curl` with these words, the standard input given, and reads the answer that it prints. Throws an `Error` with
 * curl's own message when it fails.
 */
export async function curl(words: readonly string[], input: string | Buffer = ''): Promise<CurlAnswer> {
  const child = spawn('curl', ['--silent', '--show-error', '--include', ...words])
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const [output, complaint, code] = await Promise.all([
    readAll(child.stdout),
    readAll(child.stderr),
    new Promise<number | null>((resolve) => child.on('close', resolve)),
  ])
  if (code !== 0) throw new Error(`curl ended with ${code}: ${complaint}`)
  return readAnswer(output)
}

/** An interim answer (`100 Continue`) stands before the real one, in a block of its own. */
function readAnswer(output: string): CurlAnswer {
  const end = output.indexOf('\r\n\r\n')
  const [statusLine = '', ...lines] = output.slice(0, end).split('\r\n')
  const body = output.slice(end + 4)
  const status = Number(statusLine.split(' ')[1])
  if (status === 100) return readAnswer(body)
  const headers = lines.map((line): [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  return { status, headers: Object.fromEntries(headers), body }
}

async function readAll(stream: AsyncIterable<Buffer>): Promise<string> {
  const pieces: Buffer[] = []
  for await (const piece of stream) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

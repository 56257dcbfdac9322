import { CutAnswerError } from './cut-answer.ts'

/** Whether an answer of this type is read whole; one of any other type may be of any size and is streamed. */
export function isReadWhole(contentType: string): boolean {
  return isJson(contentType) || isXml(contentType)
}

/**
 * Throws `CutAnswerError` for JSON or XML that is not whole. A machine on the way may cut a body and yet end it in good
 * order, so that its length tells nothing.
 */
export function refuseCut(text: string, contentType: string, url: URL): void {
  if (text === '') return
  const isWhole = isJson(contentType) ? isWholeJson(text) : !isXml(contentType) || isWholeXml(text)
  if (!isWhole) throw new CutAnswerError(`the answer of ${url.host} to ${url.pathname}`)
}

function isJson(contentType: string): boolean {
  return /^application\/json/i.test(contentType)
}

function isXml(contentType: string): boolean {
  return /^(application|text)\/xml/i.test(contentType)
}

function isWholeJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/** Whether the element that is opened first is closed last. */
function isWholeXml(text: string): boolean {
  const root = /<([A-Za-z_][\w:.-]*)/.exec(text)?.[1]
  const end = text.trimEnd()
  return root !== undefined && (end.endsWith(`</${root}>`) || end.endsWith('/>'))
}

import type { Conflict } from '../sync/conflicts.ts'
import { shorten } from './shorten.ts'

/**
 * A conflict for whoever decides it: what both sides had, and below it what each has now, side by side in so many columns. Each side
 * is told with the time of its change, by its own clock.
 */
export function renderSideBySide(conflict: Conflict, columns: number): readonly string[] {
  const { object, id, field, kind, base, local, remote, localAt, remoteAt } = conflict
  const width = Math.max(12, Math.floor((columns - 6) / 2))
  const here = [titleOf('here', localAt), ...wrap(kind === 'deleted-changed' ? '(deleted)' : show(local), width)]
  const there = [
    titleOf('in the org', remoteAt),
    ...wrap(kind === 'changed-deleted' ? '(deleted)' : show(remote), width),
  ]
  const pairs = Array.from({ length: Math.max(here.length, there.length) }, (_, index) => {
    const [left = '', right = ''] = [here[index], there[index]]
    return `  ${shorten(left, width).padEnd(width)} │ ${shorten(right, width)}`.trimEnd()
  })
  return [shorten(`${object} ${id} · ${field} · before: ${show(base)}`, Math.max(20, columns - 1)), ...pairs]
}

/** A value longer than this is cut: a decision needs its beginning. */
const mostLines = 8

function wrap(text: string, width: number): readonly string[] {
  const lines = text.split(/\r\n|\r|\n/).flatMap((line) => cut(line, width))
  return lines.length <= mostLines ? lines : [...lines.slice(0, mostLines - 1), '…']
}

function cut(line: string, width: number): readonly string[] {
  const characters = [...line]
  if (characters.length <= width) return [line]
  return [characters.slice(0, width).join(''), ...cut(characters.slice(width, width * mostLines).join(''), width)]
}

function show(value: string | number | null): string {
  return value === null || value === '' ? '(empty)' : String(value).replace(/[^\P{Cc}\r\n]+/gu, ' ')
}

function titleOf(side: string, at: string | null): string {
  return at === null ? side : `${side}, ${at.slice(0, 16).replace('T', ' ')}`
}

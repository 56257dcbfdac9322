import { describe, expect, it } from 'vitest'
import { AuthError, RunError, UnfinishedError, UsageError } from '../../src/errors.ts'
import { accountForError, renderError, renderErrorJson } from '../../src/ui/error-text.ts'

describe('an error on stderr', () => {
  it('is the message, then the next step on a line of its own', () => {
    const error = new UsageError('no field Nmae on Account', {
      hint: 'did you mean Name?\nsee sfbulk describe Account',
    })
    expect(renderError(accountForError(error))).toEqual([
      'sfbulk: no field Nmae on Account',
      '  → did you mean Name?',
      '  → see sfbulk describe Account',
    ])
  })

  it('keeps lines of a list together', () => {
    const error = new UsageError('No org is named', { hint: 'set one of:\n  A (first)\n  B (second)' })
    expect(renderError(accountForError(error)).slice(1)).toEqual(['  → set one of:', '    A (first)', '    B (second)'])
  })

  it('ends with the exit code of its kind', () => {
    const errors = [new RunError('x'), new UsageError('x'), new AuthError('x'), new UnfinishedError('x')]
    expect(errors.map((error) => accountForError(error).exitCode)).toEqual([1, 2, 4, 5])
  })

  it('puts a failure of the operating system into words', () => {
    const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', path: 'a.csv' })
    expect(renderError(accountForError(error))).toEqual([
      'sfbulk: a.csv: there is no space left on the disk',
      '  → make room and run the command again',
    ])
  })

  it('shows the stack of anything unexpected and asks for a report', () => {
    const [first, ...rest] = renderError(accountForError(new TypeError('x is not a function')))
    expect(first).toMatch(/^sfbulk: this is a fault of the program: TypeError: x is not a function\n +at /)
    expect(rest).toEqual(['  → please report it, with these lines and the command that was typed'])
  })

  it('tells what was thrown when that is no error', () => {
    expect(accountForError('boom')).toMatchObject({
      code: 'INTERNAL',
      message: "this is a fault of the program: 'boom'",
    })
  })

  it('is one line of JSON for scripts', () => {
    const error = new UsageError('no such file: a.csv', { code: 'NO_FILE' })
    expect(renderErrorJson(accountForError(error))).toBe(
      '{"error":{"code":"NO_FILE","message":"no such file: a.csv","hint":null},"exitCode":2}',
    )
  })
})

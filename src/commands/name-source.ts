import type { Undoing } from './select-undo.ts'

/** What was typed of where the rows of a write come from. */
export interface SourceOfCall {
  readonly arguments: readonly (string | undefined)[]
  readonly options: { readonly where?: string | undefined; readonly undoes?: Undoing | undefined }
}

/** What messages and records call the input of a write: the path as given, `stdin`, `--where`, or the run that it undoes. */
export function nameSource({ arguments: [, file], options }: SourceOfCall): string {
  if (options.undoes !== undefined) return `run ${options.undoes.run}`
  if (options.where !== undefined) return '--where'
  return file === undefined || file === '-' ? 'stdin' : file
}

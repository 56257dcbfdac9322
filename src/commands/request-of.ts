import { delimiters } from '../csv/dialect.ts'
import type { LoadRequest } from '../load/plan.ts'

/** Options that every command which reads rows and writes result files has. */
interface RequestValues {
  readonly externalId?: string | undefined
  readonly map?: readonly string[] | undefined
  readonly mapping?: string | undefined
  readonly success?: string | undefined
  readonly errors?: string | undefined
  readonly columnDelimiter?: keyof typeof delimiters | undefined
  readonly encoding?: string | undefined
  readonly nullValue?: string | undefined
  readonly emptyAsNull?: boolean | undefined
  readonly failFast?: boolean | undefined
}

/** What these options say of a load. */
export function requestOf(options: RequestValues): Omit<LoadRequest, 'operation' | 'object' | 'file'> {
  return {
    externalId: options.externalId,
    map: options.map,
    mappingFile: options.mapping,
    successFile: options.success,
    errorsFile: options.errors,
    delimiter: options.columnDelimiter && delimiters[options.columnDelimiter],
    encoding: options.encoding,
    nullValue: options.nullValue,
    emptyAsNull: options.emptyAsNull,
    failFast: options.failFast,
  }
}

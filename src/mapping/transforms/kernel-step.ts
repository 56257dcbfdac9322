/**
 * A transform, or a part of one, as the kernel does it to many cells at a time (assembly/make.ts). It comes to what
 * `Transform.apply` gives, or leaves the cell to it; a property test holds that.
 */
export type KernelStep =
  | { readonly name: 'trim' | 'collapse' | 'lower' | 'upper' | 'title' }
  | { readonly name: 'prefix' | 'suffix'; readonly text: string }
  /** `from`: 1 is the first character, -1 the last. */
  | { readonly name: 'substring'; readonly from: number; readonly length: number }
  | { readonly name: 'split'; readonly by: string; readonly take: number }
  | { readonly name: 'replace'; readonly text: string; readonly by: string }
  | { readonly name: 'replaceClass'; readonly class: CharacterClass; readonly by: string }
  | {
      readonly name: 'values'
      readonly byValue: ReadonlyMap<string, string>
      readonly otherwise: 'reject' | 'keep' | 'empty'
    }
  /** ASCII characters; `group`: undefined where digits do not stand in groups. */
  | { readonly name: 'number'; readonly decimal: string; readonly group: string | undefined }
  | { readonly name: 'date'; readonly kind: 'date' | 'datetime' | 'time'; readonly pattern: readonly DatePart[] }

/** Characters that are replaced. */
export interface CharacterClass {
  /** Whether each of the 128 characters of ASCII is one of them. */
  readonly ascii: readonly boolean[]
  /** Whether all others are; if not, none is. */
  readonly others: boolean
  /** A run of them is replaced as one. */
  readonly runs: boolean
  /** Only at the beginning of the text. */
  readonly atStart: boolean
}

/** Digits of a part (0 to 6: year, month, day, hour, minute, second, millisecond), or a text between parts. */
export type DatePart =
  | { readonly part: number; readonly least: number; readonly most: number }
  | { readonly literal: string }

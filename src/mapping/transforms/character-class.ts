import type { CharacterClass } from './kernel-step.ts'

/** One class, perhaps at the start of the text, perhaps a run of it: `[^0-9+]`, `\D+`, `^0+`, `-`. Its members are ASCII. */
const form =
  /^(?<atStart>\^?)(?<members>\[\^?(?:\\[dswDSW]|\\[^a-zA-Z0-9]|[^\\[\]])+\]|\\[dswDSW]|\\[^a-zA-Z0-9]|[^\\[\](){}.*+?^$|])(?<runs>\+?)$/

/**
 * The characters that a pattern fits, where it fits nothing but single ones of a class, as most patterns that clean a column do.
 * `compile`: whether a pattern fits the whole of a text; so the class is what the library of patterns says it is.
 */
export function findCharacterClass(
  pattern: string,
  compile: (pattern: string) => (text: string) => boolean,
): CharacterClass | undefined {
  const { atStart, members, runs } = form.exec(pattern)?.groups ?? {}
  if (members === undefined || /[^\0-\x7f]/.test(members)) return undefined
  const fits = compile(members)
  return {
    ascii: Array.from({ length: 128 }, (_, code) => fits(String.fromCharCode(code))),
    others: fits('é'),
    runs: runs !== '',
    atStart: atStart !== '',
  }
}

declare module 'sfbulk:help' {
  /** The help of each command by its name, that of the program by an empty one; lines are wrapped by `wrapLines`. */
  export const helpTexts: Readonly<Record<string, string>>
}

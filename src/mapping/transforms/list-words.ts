const most = 12

/** The words that a step knows, for a message: `ja, nein, (empty)`. */
export function listWords(words: readonly string[]): string {
  const shown = words.slice(0, most).map((word) => (word === '' ? '(empty)' : word))
  return `${shown.join(', ')}${words.length > most ? ', …' : ''}`
}

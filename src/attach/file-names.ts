/** Bytes of a name. File systems take 255; some are left for a number and for `.partial`. */
const longestName = 200

/** Names that Windows keeps for devices, with any extension. Source: Win32, "Naming Files, Paths, and Namespaces". */
const reserved = /^(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)(\.|$)/i

/**
 * A name that is a file of the folder it is put into, on every system: no path, no device, not hidden by what it begins with
 * or ends with. `fallback` stands for a name of which nothing is left.
 */
export function makeSafeName(name: string, fallback: string): string {
  const plain = name
    .normalize('NFC')
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be in a name
    .replace(/[\u0000-\u001f\u007f-\u009f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]|\p{Cs}/gu, '_')
    .replace(/^[\s.]+/, '')
  const cut = cutName(plain).replace(/[\s.]+$/, '')
  if (cut === '') return fallback
  return reserved.test(cut) ? `_${cut}` : cut
}

/** Shortens a name, its extension kept. */
function cutName(name: string): string {
  if (Buffer.byteLength(name) <= longestName) return name
  const [stem, extension] = splitName(name)
  const kept = Buffer.byteLength(extension) > longestName / 2 ? '' : extension
  const room = longestName - Buffer.byteLength(kept)
  let length = 0
  let bytes = 0
  for (const character of kept === '' ? name : stem) {
    bytes += Buffer.byteLength(character)
    if (bytes > room) break
    length += character.length
  }
  return name.slice(0, length) + kept
}

/** `report.pdf` as `report` and `.pdf`. */
function splitName(name: string): readonly [string, string] {
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
}

/** Gives each file of a folder a name of its own: the second `report.pdf` is `report (2).pdf`. */
export class FileNames {
  /** Names in use, without regard to case, since some file systems have none. */
  readonly #taken: Set<string>
  readonly #last = new Map<string, number>()

  /** `taken`: names that the folder has already. */
  constructor(taken: Iterable<string>) {
    this.#taken = new Set([...taken].map(keyOf))
  }

  take(name: string): string {
    const [stem, extension] = splitName(name)
    for (let number = this.#last.get(keyOf(name)) ?? 1; ; number++) {
      const candidate = number === 1 ? name : `${stem} (${number})${extension}`
      if (this.#taken.has(keyOf(candidate))) continue
      this.#taken.add(keyOf(candidate))
      this.#last.set(keyOf(name), number + 1)
      return candidate
    }
  }
}

/** Upper case first: the sharp s and its like are one with what they become. */
function keyOf(name: string): string {
  return name.normalize('NFC').toUpperCase().toLowerCase()
}

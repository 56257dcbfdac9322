import xxhash from 'xxhash-wasm'

/** A hash in the making. */
export interface Digest {
  update(bytes: Uint8Array): void
  /** In hex. */
  end(): string
}

/**
 * Makes digests of what is sent, by which a run that is carried on knows that it would send the same again: 64 bits of
 * xxHash, since nobody but chance is to be guarded against and each byte that is sent passes through it.
 */
export async function digestMaker(): Promise<() => Digest> {
  const { create64 } = await xxhash()
  return () => {
    const hash = create64()
    return {
      update: (bytes) => void hash.update(bytes),
      end: () => hash.digest().toString(16).padStart(16, '0'),
    }
  }
}

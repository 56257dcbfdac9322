import type { Environment } from '../org/settings.ts'

/** A place for secrets that the operating system guards: macOS Keychain, Windows Credential Manager, Secret Service on Linux. */
export interface Keychain {
  /** False where there is none, or it takes nothing: a server, a container, a locked session. */
  put(account: string, secret: string): Promise<boolean>
  /** Undefined for an entry that is not there. Throws what the operating system says when it refuses. */
  get(account: string): Promise<string | undefined>
  /** Never fails. */
  remove(account: string): Promise<void>
}

const service = 'sfbulk'

/**
 * The keychain of this machine. `SFBULK_KEYCHAIN=none` leaves it alone. On Linux only the Secret Service will do: the
 * kernel's keyring, which the library would take in its place, forgets everything when the machine starts anew.
 */
export function openKeychain(environment: Environment): Keychain {
  if (environment.SFBULK_KEYCHAIN === 'none') return noKeychain
  return {
    async put(account, secret) {
      try {
        const entry = await openEntry(account)
        await entry?.setPassword(secret)
        return entry !== undefined
      } catch {
        return false
      }
    },
    async get(account) {
      const entry = await openEntry(account)
      return (await entry?.getPassword()) ?? undefined
    },
    async remove(account) {
      try {
        await (await openEntry(account))?.deletePassword()
      } catch {
        // What is not there need not be removed.
      }
    },
  }
}

const noKeychain: Keychain = {
  put: async () => false,
  get: async () => undefined,
  remove: async () => undefined,
}

/** Undefined where the library is not installed: it is optional, and none is made for some platforms. */
async function openEntry(account: string) {
  const library = await import('@napi-rs/keyring').catch(() => undefined)
  return library && new library.AsyncEntry(service, account, { linux: { store: 'secret-service' } })
}

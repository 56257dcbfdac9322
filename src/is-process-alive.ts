/** Whether the process whose number a text begins with still runs on this machine. Signal 0 asks and does nothing. */
export function isProcessAlive(owner: string): boolean {
  try {
    process.kill(Number.parseInt(owner, 10), 0)
    return true
  } catch {
    return false
  }
}

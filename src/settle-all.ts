/**
 * What all of them come to when the last one has ended; throws what the first of those that failed has failed with, in the order
 * given. `Promise.all` throws while the others are still at work, on files or memory that its caller then closes.
 */
export async function settleAll<const Works extends readonly unknown[]>(
  works: Works,
): Promise<{ -readonly [Key in keyof Works]: Awaited<Works[Key]> }> {
  const values: unknown[] = []
  for (const end of await Promise.allSettled(works)) {
    if (end.status === 'rejected') throw end.reason
    values.push(end.value)
  }
  return values as { -readonly [Key in keyof Works]: Awaited<Works[Key]> }
}

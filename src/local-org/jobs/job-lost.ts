/** The job was aborted, deleted or taken by another process while this one worked on it: there is nothing left to do. */
export class JobLost extends Error {
  constructor(id: string) {
    super(`Job ${id} is no longer this process's`)
  }
}

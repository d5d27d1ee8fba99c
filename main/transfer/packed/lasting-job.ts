import type { DiskJob, DiskPool } from '../disk-pool.ts'

/** A job on a disk thread that outlives connections; it is begun anew if its thread ended. */
export class LastingJob {
  readonly #disk: DiskPool
  readonly #prepare: (job: DiskJob) => Promise<void>
  #opening: Promise<DiskJob> | undefined

  /** `prepare` tells the thread what the job is about. */
  constructor(disk: DiskPool, prepare: (job: DiskJob) => Promise<void>) {
    this.#disk = disk
    this.#prepare = prepare
  }

  async get(): Promise<DiskJob> {
    const opened = await this.#opening?.catch(() => undefined)
    if (opened !== undefined && !opened.isLost) return opened
    await opened?.close()
    this.#opening = this.#open()
    return this.#opening
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined)
    this.#opening = undefined
    await opened?.close()
  }

  async #open(): Promise<DiskJob> {
    const job = this.#disk.open()
    try {
      await this.#prepare(job)
      return job
    } catch (error) {
      await job.close()
      throw error
    }
  }
}

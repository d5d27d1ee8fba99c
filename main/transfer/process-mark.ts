import { uptime } from 'node:os'

/** Names a process of this computer, also for those that come after it. */
export interface ProcessMark {
  readonly pid: number
  /** When the computer was started: behind that, the number says nothing. Milliseconds since 1970, about. */
  readonly bootedAt: number
}

/** A clock that was set, and how coarse the system counts. */
const TOLERANCE_MS = 60_000

export function ownMark(): ProcessMark {
  return { pid: process.pid, bootedAt: Math.round(Date.now() - uptime() * 1000) }
}

/** Whether it is another process than this, and still runs. */
export function runsElsewhere({ pid, bootedAt }: ProcessMark): boolean {
  const own = ownMark()
  if (pid === own.pid || Math.abs(bootedAt - own.bootedAt) > TOLERANCE_MS) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

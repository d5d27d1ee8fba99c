const OWN_NAME = /^plumb-lab-(\d+)-/

/** What a lab calls what it makes outside of itself: with the id of its process, so that a later one can tell. */
export function ownName(place: string): string {
  return `plumb-lab-${process.pid}-${place}`
}

/** Whether a lab made this whose process is no more. */
export function isLeftover(name: string): boolean {
  const pid = OWN_NAME.exec(name)?.[1]
  return pid !== undefined && !lives(Number(pid))
}

function lives(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    // It lives, and is somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

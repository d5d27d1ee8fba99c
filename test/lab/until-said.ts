import type { ChildProcess } from 'node:child_process'

/** Resolves once a program has printed this; rejects with all that it said if it ends before. */
export function untilSaid(child: ChildProcess, wanted: RegExp): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = ''
    for (const output of [child.stdout, child.stderr]) {
      // Read on to the end: a full pipe would stop the program.
      output?.setEncoding('utf8').on('data', (text: string) => {
        said = (said + text).slice(-64 * 1024)
        if (wanted.test(said)) resolve()
      })
    }
    child.once('error', reject)
    child.once('exit', code => reject(new Error(`${child.spawnargs.join(' ')} ended with ${code}:\n${said}`)))
  })
}

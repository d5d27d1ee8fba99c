import { spawn } from 'node:child_process'

/** Runs a program to its end and resolves with what it printed. Rejects with what it complained of. */
export function command(program: string, args: readonly string[], input = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: 'pipe' })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    // A program that ends without reading all of its input says why by its exit status.
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    child.once('error', reject)
    child.once('close', (code, signal) => {
      if (code === 0) resolve(stdout)
      else
        reject(new Error(`${[program, ...args].join(' ')} ended with ${signal ?? code}: ${stderr || stdout}`))
    })
  })
}

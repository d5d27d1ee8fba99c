import { writeSync } from 'node:fs'
import { HistoryDatabase } from '../../../main/store/history/history-database.ts'

/*
 * A program that writes messages into the folder of its argument until somebody kills it. Each number on its standard
 * output is a message that is in the history.
 */

const history = new HistoryDatabase({
  folder: process.argv[2] ?? '',
  damaged: sentence => process.stdout.write(`${sentence}\n`),
})

for (let number = 0; ; number++) {
  history.noteLive('me@a.org', {
    address: `p${number % 7}@b.org`,
    direction: 'in',
    text: `${number}`,
    at: number,
    stanzaId: `s${number}`,
    state: 'received',
  })
  // At once, and an end where nobody reads it any more: this process does not come to its loop.
  writeSync(1, `${number}\n`)
}

import { writeFileSync } from 'node:fs'
import { startProsody } from './support/prosody.ts'

const s = await startProsody({
  domain: 'plumb.test',
  accounts: { alice: 'pw', bob: 'pw', eve: 'pw' },
  contacts: [['alice', 'bob']],
  proxy: true,
})
writeFileSync('/tmp/hand/ca.pem', s.caPem)
writeFileSync('/tmp/hand/server', `${s.host}:${s.port}`)
console.log('up', s.port)
await new Promise(r => setTimeout(r, 3_600_000))

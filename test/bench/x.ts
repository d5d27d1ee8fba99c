import { measureManyFiles } from './many-files.ts'

for (const w of process.argv.slice(2)) {
  const f = await measureManyFiles(w)
  console.log(w, f, 'many/one', (f.many / f.one).toFixed(2), 'one/raw', (f.one / f.raw).toFixed(2))
}

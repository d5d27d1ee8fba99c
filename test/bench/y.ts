import { DiskPool } from '../../main/transfer/disk-pool.ts'
import { PackedReceiver } from '../../main/transfer/packed/packed-receiver.ts'
import { PackedSender } from '../../main/transfer/packed/packed-sender.ts'
import fs from 'node:fs'; import net from 'node:net'; import {once} from 'node:events'; import {randomBytes} from 'node:crypto'
const where=process.argv[2]!; const root=fs.mkdtempSync(where+'/plumb-y-'); const N=10000,B=10000
const src=(p:string,n:string)=>{const s=fs.statSync(p,{bigint:true});return{path:p,name:n,size:Number(s.size),mtimeNs:s.mtimeNs}}
fs.mkdirSync(root+'/m'); const c=randomBytes(B); const files=[]; for(let i=0;i<N;i++){c.writeUInt32BE(i);fs.writeFileSync(root+'/m/f'+i,c);files.push(src(root+'/m/f'+i,'f'+i))}
{const fd=fs.openSync(root+'/one','w');for(let i=0;i<N;i++)fs.writeSync(fd,c);fs.closeSync(fd)}
const disk=new DiskPool()
async function pair(){const s=net.createServer().listen(0,'127.0.0.1');await once(s,'listening');const a=net.connect((s.address() as any).port,'127.0.0.1');const [b]=await once(s,'connection');s.close();a.on('error',()=>{});b.on('error',()=>{});return [a,b]}
async function run(content:any,exp:any,t:any){const [a,b]=await pair();const s=new PackedSender(content,disk),r=new PackedReceiver(exp,t,disk);const {signal}=new AbortController();const c0=process.cpuUsage(),t0=performance.now();const marks:string[]=[]
 await Promise.all([s.send(a,{signal,onBegin:()=>marks.push('begin '+(performance.now()-t0).toFixed(0))}),r.receive(b,{signal,onProgress:n=>{if(n===N*B)marks.push('stored '+(performance.now()-t0).toFixed(0))}})]);const u=process.cpuUsage(c0);const w=performance.now()-t0;await s.close();await r.close();a.destroy();b.destroy();return `wall ${w.toFixed(0)} user ${(u.user/1000).toFixed(0)} sys ${(u.system/1000).toFixed(0)} [${marks}]`}
for(let i=0;i<5;i++){ const st=root+'/s'+i; fs.mkdirSync(st)
 console.log('many',await run({kind:'folder',files,folders:[]},{kind:'folder',size:N*B,files:N},{root:st,commit:async()=>st}))
 const p=root+'/o'+i; console.log('one ',await run({kind:'file',file:src(root+'/one','one')},{kind:'file',size:N*B},{name:'x',path:p,commit:async()=>p})) }
await disk.close(); fs.rmSync(root,{recursive:true})

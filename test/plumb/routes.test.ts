import { describe, expect, it } from 'vitest'
import type { RouteMaker, RouteReport } from '../../main/plumb/route-maker.ts'
import { Routes } from '../../main/plumb/routes.ts'
import { Failure, type FailureCode } from '../../shared/model/failure.ts'
import type { MethodName } from '../../shared/model/transfer.ts'
import { eventually } from '../support/eventually.ts'

const STREAM = { peer: 'bob@plumb.test/desk', streamId: 's1', pinned: undefined }
const failure = (code: FailureCode): Failure => new Failure(code, `It is ${code}.`)

/** A way that fails when the test says so. */
function maker(method: MethodName) {
  const reports: RouteReport[] = []
  const requests: PromiseWithResolvers<never>[] = []
  const way: RouteMaker = {
    method,
    namespace: `urn:test:${method}`,
    request: () => {
      const request = Promise.withResolvers<never>()
      requests.push(request)
      return request.promise
    },
    serve: (_peer, _streamId, report) => reports.push(report),
  }
  return { way, reports, requests }
}

function rig() {
  const [dtcp, socks5, ibb] = [maker('dtcp'), maker('socks5'), maker('ibb')]
  const routes = new Routes([dtcp.way, socks5.way, ibb.way], () => Promise.reject(failure('bug')))
  return { routes, dtcp, socks5, ibb }
}

describe('the ways of a stream', () => {
  it('are asked for one after the other, and the first failure is the one that counts', async () => {
    const { routes, dtcp, socks5, ibb } = rig()
    const failed: string[] = []
    const opening = routes.open(
      { ...STREAM, methods: ['dtcp', 'ibb'] },
      (method, { code }) => failed.push(`${method} ${code}`),
      new AbortController().signal,
    )
    expect([dtcp, ibb].map(({ requests }) => requests.length)).toEqual([1, 0])
    dtcp.requests[0]?.reject(failure('unreachable'))
    await eventually(() => expect(ibb.requests).toHaveLength(1))
    ibb.requests[0]?.reject(failure('refused'))
    await expect(opening).rejects.toMatchObject({ code: 'unreachable' })
    expect(failed).toEqual(['dtcp unreachable', 'ibb refused'])
    expect(socks5.requests).toEqual([])
  })

  it.each([
    ['unreachable', true],
    ['timed-out', true],
    ['refused', false],
    ['certificate-mismatch', false],
  ] as const)('know whether somebody is reached directly after DTCP was %s', (code, isDirectUnlikely) => {
    const { routes, dtcp, socks5 } = rig()
    const failed: string[] = []
    routes.serve(
      { ...STREAM, methods: ['dtcp', 'socks5'] },
      { established: () => {}, failed: method => failed.push(method) },
      new AbortController().signal,
    )
    expect(socks5.reports[0]?.isDirectUnlikely).toBe(false)
    dtcp.reports[0]?.failed(failure(code))
    expect(failed).toEqual(['dtcp'])
    expect(socks5.reports[0]?.isDirectUnlikely).toBe(isDirectUnlikely)
  })
})

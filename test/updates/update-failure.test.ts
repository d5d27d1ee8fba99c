import { describe, expect, it } from 'vitest'
import { updateFailure } from '../../main/updates/update-failure.ts'
import { Failure, type FailureCode } from '../../shared/model/failure.ts'
import { FailureValue } from '../../shared/model/shown-transfer.ts'

const SECRET = '/home/anna/.cache/plumb https://feed.example/?token=1'
const thrown = (more: object): Error => Object.assign(new Error(SECRET), more)

describe('what went wrong with an update', () => {
  it.each<[object, FailureCode, RegExp]>([
    [{ code: 'ERR_CHECKSUM_MISMATCH' }, 'update-not-verified', /damaged on its way/],
    [{ code: 'ERR_UPDATER_INVALID_SIGNATURE' }, 'update-not-verified', /not signed/],
    [{ code: 'ENOSPC' }, 'disk-full', /no room on the disk/],
    [{ code: 'EDQUOT' }, 'disk-full', /no room on the disk/],
    [{ code: 'EACCES' }, 'cannot-write', /may not write/],
    [{ code: 'EPERM' }, 'cannot-write', /may not write/],
    [{ code: 'EROFS' }, 'cannot-write', /may not write/],
    [{ code: 'EBUSY' }, 'cannot-write', /could not be saved/],
    [{ code: 'EIO' }, 'cannot-write', /could not be saved/],
    [{ code: 'ENOENT' }, 'cannot-write', /could not be saved/],
    [{ code: 'ENOTDIR' }, 'cannot-write', /could not be saved/],
    [{ code: 'ERR_UPDATER_CHANNEL_FILE_NOT_FOUND', statusCode: 404 }, 'update-unavailable', /no releases/],
    [{ code: 'ERR_UPDATER_INVALID_UPDATE_INFO' }, 'update-unavailable', /cannot be understood/],
    [{ code: 'ERR_UPDATER_INVALID_VERSION' }, 'update-unavailable', /cannot be understood/],
    [{ code: 'ERR_UPDATER_NO_FILES_PROVIDED' }, 'update-unavailable', /cannot be understood/],
    [{ code: 'ERR_UPDATER_NO_CHECKSUM' }, 'update-unavailable', /cannot be understood/],
    [{ code: 'HTTP_ERROR_407', statusCode: 407 }, 'update-unavailable', /proxy of this network/],
    [{ code: 'HTTP_ERROR_403', statusCode: 403 }, 'update-unavailable', /in trouble \(403\)/],
    [{ code: 'HTTP_ERROR_503', statusCode: 503 }, 'update-unavailable', /in trouble \(503\)/],
    [{ code: 'ENOTFOUND' }, 'update-unavailable', /could not be reached/],
    [{ code: 'ECONNREFUSED' }, 'update-unavailable', /could not be reached/],
    [{ code: 'ETIMEDOUT' }, 'update-unavailable', /could not be reached/],
    // Electron's own words, with nothing but a message.
    [{}, 'update-unavailable', /could not be reached/],
    [{ code: 'ERR_OF_ANOTHER_VERSION' }, 'update-unavailable', /could not be reached/],
  ])('%j', (more, code, sentence) => {
    const failure = updateFailure(thrown(more))
    expect(failure).toEqual({ code, message: expect.stringMatching(sentence) })
    // One sentence that names what to do or what becomes of it; of the disk and of the feed it says nothing.
    expect(failure.message).toMatch(/^[A-Z][^.!?]*: [^.!?]*\.$/)
    expect(failure.message).not.toContain('anna')
    expect(failure.message).not.toContain('feed.example')
  })

  it('is said as it was where it is a sentence already', () => {
    const failure = new Failure('cannot-write', 'Move it.', { cause: new Error(SECRET) })
    const value = updateFailure(failure)
    expect(value).toEqual({ code: 'cannot-write', message: 'Move it.' })
    // As it crosses to the window: no cause, no stack.
    expect(FailureValue.safeParse(value).success).toBe(true)
  })

  it.each([undefined, null, 'a text', 7, {}, []])('is something, also where %j was thrown', value => {
    expect(updateFailure(value)).toMatchObject({ code: 'update-unavailable' })
  })
})

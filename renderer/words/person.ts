import type { Person } from '../../shared/model/person.ts'
import { listOf } from './list.ts'
import { say } from './say.ts'
import { daysBetween, shortTime } from './time.ts'

export function availabilityOf({ availability }: Pick<Person, 'availability'>): string {
  return say(`availability.${availability}`)
}

/** What a device calls itself: its resource, without the number that some programs add. */
export function deviceName(address: string): string {
  const resource = address.slice(address.indexOf('/') + 1)
  return resource.replace(/[-._][0-9a-f]{4,}$/i, '') || resource
}

/** Under the name: “Online on Laptop and Phone”, “Away on Laptop since 14:32”. */
export function presenceLine({ blocked, inContacts, asked, subscription, ...person }: Person): string {
  if (blocked) return say('presence.blocked')
  if (!inContacts) return say('presence.no-contact')
  const devices = listOf([...new Set(person.devices.map(({ address }) => deviceName(address)))])
  switch (person.availability) {
    case 'online':
      return say('presence.online', { devices })
    case 'busy':
      return say('presence.busy', { devices })
    case 'away':
      return awayLine(devices, person.idleSince)
    case 'offline':
      if (asked) return say('presence.asked')
      return subscription === 'to' || subscription === 'both'
        ? say('presence.offline')
        : say('presence.unseen')
  }
}

function awayLine(devices: string, since: number | null): string {
  if (since === null) return say('presence.away', { devices })
  return daysBetween(since, Date.now()) === 1
    ? say('presence.away-since-yesterday', { devices })
    : say('presence.away-since', { devices, time: shortTime(since) })
}

/** Who sees whom, in the contact's own dialog. */
export function subscriptionLine({ name, subscription, asked, inContacts }: Person): string {
  if (!inContacts) return say('subscription.no-contact', { name })
  switch (subscription) {
    case 'both':
      return say('subscription.both')
    case 'to':
      return say('subscription.to', { name })
    case 'from':
      return asked ? say('subscription.from-asked', { name }) : say('subscription.from', { name })
    case 'none':
      return asked ? say('subscription.none-asked', { name }) : say('subscription.none')
  }
}

import type { Availability, Person } from '../../shared/model/person.ts'
import { momentOf } from './time.ts'

const AVAILABILITY: Readonly<Record<Availability, string>> = {
  online: 'Online',
  away: 'Away',
  busy: 'Busy',
  offline: 'Offline',
}

export function availabilityOf({ availability }: Pick<Person, 'availability'>): string {
  return AVAILABILITY[availability]
}

/** What a device calls itself: its resource, without the number that some programs add. */
export function deviceName(address: string): string {
  const resource = address.slice(address.indexOf('/') + 1)
  return resource.replace(/[-._][0-9a-f]{4,}$/i, '') || resource
}

/** Under the name: “Online on Laptop and Phone”, “Away on Laptop since 14:32”. */
export function presenceLine(person: Person): string {
  if (person.blocked) return 'Blocked'
  if (!person.inContacts) return 'Not in your contacts'
  if (person.availability === 'offline') {
    if (person.asked) return 'Waits for their answer to be seen'
    return person.subscription === 'to' || person.subscription === 'both'
      ? 'Offline'
      : 'You cannot see when they are online'
  }
  const since = person.idleSince === null ? '' : ` since ${momentOf(person.idleSince)}`
  const names = [...new Set(person.devices.map(({ address }) => deviceName(address)))]
  const devices = new Intl.ListFormat('en', { type: 'conjunction' }).format(names)
  return `${availabilityOf(person)} on ${devices}${person.availability === 'away' ? since : ''}`
}

/** Who sees whom, in the contact's own dialog. */
export function subscriptionLine({ name, subscription, asked, inContacts }: Person): string {
  if (!inContacts) return `${name} is not in your contacts.`
  switch (subscription) {
    case 'both':
      return 'You both see when the other is online.'
    case 'to':
      return `You see when ${name} is online. ${name} cannot see you.`
    case 'from':
      return `${name} sees when you are online. ${asked ? 'Your request to see them waits for an answer.' : 'You cannot see them.'}`
    case 'none':
      return asked
        ? `Your request to see when ${name} is online waits for an answer.`
        : 'Neither of you sees when the other is online.'
  }
}

import type { IqRouter } from './iq.ts'
import type { Discovery } from './xep-0030.ts'
import { NS_CARBONS, writeEnableCarbons } from './xep-0280.ts'

/**
 * Asks the server for copies of what our other devices send and get. To be called in each new session; one that is resumed
 * still has them. Resolves whether they come from now on; never throws.
 */
export async function enableCarbons(
  iq: IqRouter,
  discovery: Discovery,
  domain: string,
  signal?: AbortSignal,
): Promise<boolean> {
  const options = signal === undefined ? {} : { signal }
  try {
    // XEP-0280 section 4: announced by the server, not by the account.
    const features = await discovery.featuresOf(domain, options)
    if (!features.has(NS_CARBONS)) return false
    await iq.request('set', undefined, writeEnableCarbons(), options)
    return true
  } catch {
    // No copies, or no connection: the archive tells the same, later.
    return false
  }
}

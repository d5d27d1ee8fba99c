import type { AccountState } from '../../shared/model/window-state.ts'

type OpenAccount = AccountState & { readonly kind: 'signed-in' }

/** Whether its people and conversations are shown. */
export function isOpen(account: AccountState): account is OpenAccount {
  return account.kind === 'signed-in'
}

export function isConnectedIn(accounts: readonly AccountState[], address: string): boolean {
  const account = accounts.find(account => account.address === address)
  return account !== undefined && isOpen(account) && account.connection === 'connected'
}

export function isOpenIn(accounts: readonly AccountState[], address: string): boolean {
  return accounts.some(account => account.address === address && isOpen(account))
}

/** Which of several accounts of ours it is, as short as that can be said; undefined where there is but one. */
export function accountLabel(accounts: readonly AccountState[], address: string): string | undefined {
  if (accounts.length < 2) return undefined
  const parts = address.split('@')
  const isUnique = (part: string | undefined, index: number): boolean =>
    accounts.filter(account => account.address.split('@')[index] === part).length === 1
  return parts.find(isUnique) ?? address
}

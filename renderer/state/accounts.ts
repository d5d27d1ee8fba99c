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

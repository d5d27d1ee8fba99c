import type { AccountState } from '../../shared/model/window-state.ts'

type OpenAccount = AccountState & { readonly kind: 'signed-in' }

/** Whether its people and conversations are shown. */
export function isOpen(account: AccountState): account is OpenAccount {
  return account.kind === 'signed-in'
}

export function isOpenIn(accounts: readonly AccountState[], address: string): boolean {
  return accounts.some(account => account.address === address && isOpen(account))
}

import type { accountsWords as en } from '../../en/window/accounts.ts'
import type { Translation } from '../../make-say.ts'

export const accountsWords: Translation<typeof en> = {
  'not-loaded.title': 'تعذّر ملء هذه النافذة',
  'not-loaded.again': 'إعادة المحاولة',
  'sign-in-form.title': 'تسجيل الدخول إلى Plumb',
  'sign-in-form.promise': 'تنتقل الملفات مباشرةً من حاسوب إلى آخر.',
  'create-account.title': 'إنشاء حساب',
}

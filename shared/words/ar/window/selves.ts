import type { selvesWords as en } from '../../en/window/selves.ts'
import type { Translation } from '../../make-say.ts'

export const selvesWords: Translation<typeof en> = {
  'own.accounts': 'الحسابات',
  'own.menu': 'القائمة',
  'own.account-menu': 'الحساب {address}',
  'own.add-person': 'إضافة شخص…',
  'own.add-account': 'إضافة حساب…',
  'own.settings': 'الإعدادات',
  'own.status': 'رسالة الحالة…',
  'own.profile': 'الملف الشخصي…',
  'own.account': 'الحساب…',
  'own.blocked': 'المحظورون…',
  'own.sign-out': 'تسجيل الخروج',
  'own.sign-in': 'تسجيل الدخول…',
  'own.remove': 'إزالة الحساب…',

  'own.signed-out': 'تم تسجيل الخروج',
  'own.signing-in': 'جارٍ تسجيل الدخول…',
  'own.connecting': 'جارٍ الاتصال…',
  'own.reconnecting': 'جارٍ الاتصال من جديد…',

  'profile.title': 'الملف الشخصي',
  'profile.who-sees-it': 'كل من يرى متى تكون متصلًا يرى هذا الاسم وهذه الصورة.',
  'profile.choose': 'اختيار صورة…',
  'profile.another': 'صورة أخرى…',
  'profile.remove': 'إزالة',
  'profile.chosen': 'يرى الجميع هذه الصورة الآن.',
  'profile.removed': 'أُزيلت الصورة.',
  'profile.name': 'الاسم',
  'profile.done': 'تم',
  'profile.unreadable': 'تعذّرت قراءة هذه الصورة: اختر صورة أخرى.',

  'own-status.title': 'رسالة الحالة',
  'own-status.who-sees-it': 'كل من يرى متى تكون متصلًا يراها بجانب اسمك.',
  'own-status.message': 'الرسالة',
  'own-status.remove': 'إزالة',
  'own-status.save': 'حفظ',

  'block-list.title': 'المحظورون',
  'block-list.nobody': 'لم تحظر أحدًا.',
  'block-list.meaning': 'لا يستطيعون أن يكتبوا إليك أو يرسلوا إليك ملفات، ويرونك دائمًا غير متصل.',
  'block-list.unblock': 'إلغاء الحظر',
  'block-list.unblock-address': 'إلغاء حظر {address}',
  'block-list.done': 'تم',

  'block-person.title': 'حظر {name}؟',
  'block-person.meaning':
    'من تحظره لا يستطيع بعد ذلك أن يكتب إليك أو يرسل إليك ملفات، ويراك دائمًا غير متصل. تتوقف الملفات الجاري نقلها. ولا يُخبَر بذلك.',
  'block-person.leave': 'عدم الحظر',
  'block-person.block': 'حظر',

  'contact-groups.title': 'المجموعات',
  'contact-groups.of': 'مجموعات {name}',
  'contact-groups.remove-from': 'إزالة من {group}',
  'contact-groups.add-to': 'إضافة إلى مجموعة',
  'contact-groups.add': 'إضافة',
}

import type { talkWords as en } from '../../en/window/talk.ts'
import type { Translation } from '../../make-say.ts'

export const talkWords: Translation<typeof en> = {
  'composer.message': 'رسالة إلى {name}',
  'composer.attach': 'إرفاق',
  'composer.send-files': 'إرسال ملفات…',
  'composer.send-folder': 'إرسال مجلد…',
  'composer.emoji': 'الرموز التعبيرية',
  'composer.send': 'إرسال',
  'composer.send-correction': 'إرسال التصحيح',
  'composer.edits': 'أنت تعدّل رسالتك الأخيرة. المفتاح Esc يتركها كما هي.',
  'composer.editing': 'أنت تعدّل رسالتك الأخيرة',
  'composer.correcting': 'جارٍ إرسال التصحيح…',
  'composer.stop-editing': 'إيقاف التعديل',
  'composer.picture-gone': 'لم تعد الصورة موجودة: انسخها مرة أخرى.',

  'talk.none': 'محادثة',
  'talk.with': 'محادثة مع {name}',
  'talk.own': 'حسابك أنت، على جهاز آخر',
  'talk.writing': 'يكتب الآن…',
  'talk.is-writing': '{name} يكتب الآن.',
  'talk.add': 'إضافة إلى جهات الاتصال',
  'talk.send-files': 'إرسال ملفات',
  'talk.details': 'تفاصيل جهة الاتصال',
  'talk.transfers': 'عمليات النقل',
  'talk.blocked': 'لقد حظرت {name}.',
  'talk.unblock': 'إلغاء الحظر',

  'empty.first': 'أضف أول شخص',
  'empty.first-hint': 'تحتاج إلى عنوانه، مثل anna@example.org. سيُسأل هل يُسمح لك برؤيته.',
  'empty.add': 'إضافة شخص',
  'empty.choose': 'اختر شخصًا',
  'empty.choose-hint': 'أو أفلت ملفًا أو مجلدًا على اسم في القائمة: ينتقل مباشرةً إلى حاسوبه.',
  'empty.unsaid': 'لا شيء بينك وبين {name} بعد',
  'empty.unsaid-hint': 'أفلت ملفًا أو مجلدًا هنا، أو اكتب شيئًا.',

  'drop.to': 'أفلت للإرسال إلى {name}',
  'drop.online':
    '{count, plural, zero {لا ملفات ولا مجلدات} one {ملف أو مجلد واحد} two {ملفان أو مجلدان} few {# ملفات أو مجلدات} many {# ملفًا أو مجلدًا} other {# ملف أو مجلد}}. مباشرةً إلى حاسوبه.',
  'drop.offline':
    '{count, plural, zero {لا ملفات ولا مجلدات} one {ملف أو مجلد واحد} two {ملفان أو مجلدان} few {# ملفات أو مجلدات} many {# ملفًا أو مجلدًا} other {# ملف أو مجلد}}. يُرسل عندما يتصل.',

  'message.all': 'الرسائل مع {name}',
  'message.announced': '{name}: {text}',
  'message.unread': 'جديد',
  'message.newest': 'الأحدث',
  'message.edited': 'معدّلة',
  'message.copy': 'نسخ',
  'message.edit': 'تعديل',
  'message.again': 'إعادة المحاولة',
  'message.show-all': 'عرض الكل',
  'message.show-less': 'عرض أقل',
  'message.code': 'نص برمجي',

  'delivery.sending': 'جارٍ الإرسال…',
  'delivery.waiting': 'تنتظر الاتصال',
  'delivery.failed': 'لم تُرسل',
  'delivery.sent': 'أُرسلت',
  'delivery.delivered': 'وصلت',
  'delivery.displayed': 'شوهدت',

  'said.title': 'المحادثة',
  'said.export': 'تصدير المحادثة…',
  'said.as-text': 'نصًا للقراءة…',
  'said.as-json': 'بصيغة JSON للبرامج…',
  'said.exported': 'صُدّرت المحادثة.',
  'said.delete': 'حذف المحادثة…',
  'said.delete-question': 'هل تريد حذف المحادثة مع {name}؟',
  'said.delete-consequence':
    'تُحذف من هذا الحاسوب ولا تعود. قد تكون لدى خادمك وأجهزتك الأخرى وأجهزة الطرف الآخر نسخة منها. تبقى الملفات التي وصلت في مكانها.',
  'said.keep': 'إبقاء',
  'said.delete-now': 'حذف',

  'emoji.title': 'الرموز التعبيرية',
  'emoji.search': 'البحث عن رمز تعبيري',
  'emoji.none': 'لم يُعثر على شيء',

  'emoji-group.recent': 'الأخيرة',
  'emoji-group.found': 'نتائج البحث',
  'emoji-group.smileys': 'وجوه',
  'emoji-group.people': 'أشخاص',
  'emoji-group.signs': 'قلوب وعلامات',
  'emoji-group.nature': 'طبيعة وطعام',
  'emoji-group.things': 'أشياء وأماكن',

  'time.today': 'اليوم',
  'time.yesterday': 'أمس',
  'time.seconds':
    '{seconds, plural, zero {# ثانية} one {ثانية واحدة} two {ثانيتان} few {# ثوانٍ} many {# ثانية} other {# ثانية}}',
  'time.minutes':
    '{minutes, plural, zero {# دقيقة} one {دقيقة واحدة} two {دقيقتان} few {# دقائق} many {# دقيقة} other {# دقيقة}}',
  'time.hours':
    '{hours, plural, zero {# ساعة} one {ساعة واحدة} two {ساعتان} few {# ساعات} many {# ساعة} other {# ساعة}}',
  'time.hours-minutes':
    '{hours, plural, zero {# ساعة} one {ساعة} two {ساعتان} few {# ساعات} many {# ساعة} other {# ساعة}} و{minutes, plural, zero {# دقيقة} one {دقيقة} two {دقيقتان} few {# دقائق} many {# دقيقة} other {# دقيقة}}',

  'receipt.compare': 'مقارنة رمز التحقق',
  'receipt.attempt': '<b>{method}:</b> {problem}',
  'receipt.reach': 'كيف يصل الآخرون إلى هذا الحاسوب',

  'parts.close': 'إغلاق',
  'parts.dismiss': 'إخفاء',
  'parts.menu': 'قائمة',
  'parts.show-typed': 'إظهار ما كُتب',
  'parts.hide-typed': 'إخفاء ما كُتب',
}

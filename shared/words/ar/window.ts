import { accountsWords } from './window/accounts.ts'
import { filesWords } from './window/files.ts'
import { peopleWords } from './window/people.ts'
import { selvesWords } from './window/selves.ts'
import { settingsWords } from './window/settings.ts'
import { talkWords } from './window/talk.ts'

export const windowWords = {
  ...talkWords,
  ...peopleWords,
  ...filesWords,
  ...accountsWords,
  ...selvesWords,
  ...settingsWords,
}

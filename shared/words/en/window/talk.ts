export const talkWords = {} as const

export const filesWords = {} as const

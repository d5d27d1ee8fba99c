export const sizeWords = {
  'size.bytes': '{bytes, number} B',
  // “7.4 of 12.8 GB”: the part has the unit of the whole, which is written once.
  'size.part': '{part} of {whole}',
} as const

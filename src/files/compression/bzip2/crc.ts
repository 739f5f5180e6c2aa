/**
 * Contribution of each byte to the checksum by its position among four, so that four bytes are
 * processed at once. The polynomial is 0x04c11db7, high bit first.
 */
const CRC_TABLES = crcTables()

function crcTables(): readonly Uint32Array[] {
  const first = Uint32Array.from({ length: 256 }, (_, byte) => {
    let crc = byte << 24
    for (let bit = 0; bit < 8; bit++) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1
    return crc
  })
  const shift = (crc: number): number => (crc << 8) ^ (first[crc >>> 24] as number)
  const second = first.map(shift)
  const third = second.map(shift)
  return [first, second, third, third.map(shift)]
}

/** The CRC-32 of a block's bytes as bzip2 computes it, unsigned. */
export function crc32(bytes: Uint8Array): number {
  const [first, second, third, fourth] = CRC_TABLES as [
    Uint32Array,
    Uint32Array,
    Uint32Array,
    Uint32Array,
  ]
  const end = bytes.length
  let crc = -1
  let at = 0
  for (; at + 4 <= end; at += 4) {
    const word =
      crc ^
      (((bytes[at] as number) << 24) |
        ((bytes[at + 1] as number) << 16) |
        ((bytes[at + 2] as number) << 8) |
        (bytes[at + 3] as number))
    crc =
      (fourth[word >>> 24] as number) ^
      (third[(word >>> 16) & 255] as number) ^
      (second[(word >>> 8) & 255] as number) ^
      (first[word & 255] as number)
  }
  for (; at < end; at++) crc = (crc << 8) ^ (first[(crc >>> 24) ^ (bytes[at] as number)] as number)
  return ~crc >>> 0
}

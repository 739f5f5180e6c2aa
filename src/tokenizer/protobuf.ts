/**
 * The few parts of the Protocol Buffers wire format that a SentencePiece model uses. A message is a
 * list of fields, each with a number, a wire type and a value. The caller skips unknown fields.
 */

/** One field of a message: an integer, a 32-bit float, or bytes (a string or a message inside). */
export type Field = { readonly number: number } & (
  | { readonly int: number }
  | { readonly float: number }
  | { readonly bytes: Uint8Array }
)

/**
 * Yields the fields of a message in order. Throws a `RangeError` for anything that is not a
 * message.
 */
export function* readFields(message: Uint8Array): Iterable<Field> {
  const view = new DataView(message.buffer, message.byteOffset, message.byteLength)
  let at = 0
  const varint = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = message[at++]
      if (byte === undefined || factor > 2 ** 63) throw new RangeError(`cut off at byte ${at}`)
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
  }
  const take = (length: number): number => {
    const start = at
    at += length
    if (at > message.length) throw new RangeError(`cut off at byte ${start}`)
    return start
  }
  while (at < message.length) {
    const key = varint()
    const number = Math.floor(key / 8)
    const wire = key % 8
    if (number === 0) throw new RangeError(`no field 0, at byte ${at}`)
    if (wire === 0) yield { number, int: varint() }
    else if (wire === 1) take(8)
    else if (wire === 2) {
      const length = varint()
      const start = take(length)
      yield { number, bytes: message.subarray(start, start + length) }
    } else if (wire === 5) yield { number, float: view.getFloat32(take(4), true) }
    else throw new RangeError(`wire type ${wire} at byte ${at}`)
  }
}

/** Serialises fields as a message. Negative integers take ten bytes, as int32 does. */
export function writeFields(fields: readonly Field[]): Uint8Array {
  const out: number[] = []
  const varint = (value: number): void => {
    let rest = BigInt.asUintN(64, BigInt(value))
    while (rest > 127n) {
      out.push(Number(rest & 127n) | 128)
      rest >>= 7n
    }
    out.push(Number(rest))
  }
  for (const field of fields) {
    if ('int' in field) {
      varint(field.number * 8)
      varint(field.int)
    } else if ('float' in field) {
      varint(field.number * 8 + 5)
      out.push(...new Uint8Array(new Float32Array([field.float]).buffer))
    } else {
      varint(field.number * 8 + 2)
      varint(field.bytes.length)
      for (const byte of field.bytes) out.push(byte)
    }
  }
  return Uint8Array.from(out)
}

const encoder = new TextEncoder()

/** Named arrays of a safetensors file, and its metadata. */
export interface Tensors {
  readonly arrays: ReadonlyMap<string, Uint32Array>
  readonly metadata: Readonly<Record<string, string>>
}

interface Header {
  readonly __metadata__?: Readonly<Record<string, string>>
  readonly [name: string]: unknown
}

/**
 * Encodes arrays as safetensors: the length of the header, a JSON header, then the arrays in order.
 * The header is padded so that the arrays start at a multiple of eight bytes.
 */
export function encodeTensors({ arrays, metadata }: Tensors): Uint8Array[] {
  const header: Record<string, unknown> = {}
  if (Object.keys(metadata).length > 0) header.__metadata__ = metadata
  const parts: Uint8Array[] = []
  let offset = 0
  for (const [name, array] of arrays) {
    const end = offset + array.byteLength
    header[name] = { dtype: 'U32', shape: [array.length], data_offsets: [offset, end] }
    parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength))
    offset = end
  }
  const json = encoder.encode(JSON.stringify(header))
  const padded = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(0x20)
  new DataView(padded.buffer).setBigUint64(0, BigInt(padded.length - 8), true)
  padded.set(json, 8)
  return [padded, ...parts]
}

/** Reads what `encodeTensors` wrote. Throws a `RangeError` or `SyntaxError` if it is damaged. */
export function decodeTensors(bytes: Uint8Array): Tensors {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const length = Number(view.getBigUint64(0, true))
  if (8 + length > bytes.length) throw new RangeError('the header is longer than the file')
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length))) as Header
  const { __metadata__: metadata = {}, ...entries } = header
  const inPlace = (bytes.byteOffset + 8 + length) % 4 === 0
  const body = inPlace ? bytes.subarray(8 + length) : bytes.slice(8 + length)
  const arrays = new Map<string, Uint32Array>()
  for (const [name, entry] of Object.entries(entries)) {
    const [start, end] = (entry as { readonly data_offsets: readonly [number, number] })
      .data_offsets
    arrays.set(name, new Uint32Array(body.buffer, body.byteOffset + start, (end - start) / 4))
  }
  return { arrays, metadata }
}

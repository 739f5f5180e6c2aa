import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { TextColumn } from '../../core/batch.ts'
import { EtlError } from '../../core/errors.ts'

/** Bytes that a kernel may read past the end of any buffer from the arena (SIMD loads overrun). */
export const PADDING = 64
const PAGE = 65_536
/**
 * Size of the memory. It is reserved at once and never grows, so that a view of it stays valid for
 * the life of the process. Only pages that were written take up real memory.
 */
const MEMORY_BYTES = 512 << 20
/**
 * Space at the top for the column that `place` holds: a batch, or one document of the maximum size.
 */
const COLUMN_BYTES = 128 << 20

/**
 * The memory that the kernels work in. Addresses are byte offsets into `bytes`, multiples of 64.
 */
export interface KernelMemory {
  readonly bytes: Uint8Array
  /** Reserves a permanent, zeroed buffer for models, tables and caches. */
  reserve(length: number): number
  /** Copies `source` into a permanent buffer. */
  keep(source: ArrayBufferView): number
  /** Runs `work`, then frees what it allocated with `temporary`. Scopes nest. */
  scope<Result>(work: () => Result): Result
  /**
   * Allocates a buffer until the innermost scope ends. It is not cleared: it holds whatever an
   * earlier scope left there.
   */
  temporary(length: number): number
  /** Copies `source` into a temporary buffer. */
  lend(source: ArrayBufferView): number
  /**
   * Returns the address of a column's bytes. Copies them in unless the column placed last has the
   * same bytes or they are in this memory already: kernels that read a batch one after another
   * share one copy. Valid until the next column is placed.
   */
  place(column: TextColumn): number
}

interface KernelModule {
  readonly memory: KernelMemory
  readonly exports: Readonly<Record<string, unknown>>
}

/**
 * The part of WebAssembly's JavaScript interface that is used here. Neither `lib` es2023 nor
 * @types/node 20 declares it.
 */
interface WebAssemblyNamespace {
  readonly Memory: new (size: {
    initial: number
    maximum: number
  }) => { readonly buffer: ArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: object) => Pick<KernelModule, 'exports'>
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: WebAssemblyNamespace }

let loaded: KernelModule | undefined

/**
 * The memory of the kernels of this process or thread, loaded on first use. Throws
 * `kernel-unavailable` if kernels.wasm is missing or cannot be loaded.
 */
export function kernelMemory(): KernelMemory {
  return load().memory
}

/**
 * Returns the named functions of kernels.wasm. They take and return numbers; addresses come from
 * `kernelMemory`. Throws `kernel-unavailable` if one of them is missing.
 */
export function kernelFunctions<Functions extends object>(
  ...names: (keyof Functions & string)[]
): Functions {
  const { exports } = load()
  for (const name of names) {
    if (typeof exports[name] !== 'function') {
      throw new EtlError('kernel-unavailable', {
        where: 'kernels.wasm',
        what: `no function ${name}: built from older sources`,
      })
    }
  }
  return exports as Functions
}

function load(): KernelModule {
  loaded ??= instantiate(new URL('../kernels.wasm', import.meta.url))
  return loaded
}

function instantiate(file: URL): KernelModule {
  const path = fileURLToPath(file)
  if (!existsSync(file))
    throw new EtlError('kernel-unavailable', { where: path, what: 'file not found' })
  try {
    const pages = MEMORY_BYTES / PAGE
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages })
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(readFileSync(file)), {
      env: { memory },
    })
    const heapBase = exports.heapBase as () => number
    return { memory: arena(new Uint8Array(memory.buffer), heapBase()), exports }
  } catch (cause) {
    throw new EtlError('kernel-unavailable', {
      where: path,
      what: `cannot be loaded: ${String(cause)}`,
      cause,
    })
  }
}

const aligned = (address: number): number => Math.ceil(address / 64) * 64

/**
 * Permanent buffers grow upwards from `base`, temporary ones downwards from the column at the top.
 */
function arena(bytes: Uint8Array, base: number): KernelMemory {
  const column = bytes.length - COLUMN_BYTES
  let low = aligned(base)
  let high = column
  let placed: Uint8Array | undefined

  const take = (length: number): number => {
    const needed = aligned(length + PADDING)
    if (needed > high - low)
      throw new RangeError(`kernel memory is full: ${length} bytes asked, ${high - low} free`)
    return needed
  }
  const reserve = (length: number): number => {
    const needed = take(length)
    const address = low
    low += needed
    // A scope may have written to these bytes.
    bytes.fill(0, address, low)
    return address
  }
  const temporary = (length: number): number => {
    high -= take(length)
    return high
  }
  const copy = (source: ArrayBufferView, address: number): number => {
    bytes.set(new Uint8Array(source.buffer, source.byteOffset, source.byteLength), address)
    return address
  }
  return {
    bytes,
    reserve,
    keep: (source) => copy(source, reserve(source.byteLength)),
    temporary,
    lend: (source) => copy(source, temporary(source.byteLength)),
    scope(work) {
      const before = high
      try {
        return work()
      } finally {
        high = before
      }
    },
    place(source) {
      if (source.bytes === placed) return column
      if (source.bytes.buffer === bytes.buffer) return source.bytes.byteOffset
      if (source.bytes.length + PADDING > COLUMN_BYTES) {
        throw new RangeError(
          `a column of ${source.bytes.length} bytes does not fit into the kernels' memory`,
        )
      }
      placed = source.bytes
      return copy(source.bytes, column)
    },
  }
}

/*
 * node seven-zip-worker.js <arguments of 7z>: 7-Zip as WebAssembly, for machines without the
 * program. It never yields to the event loop, so it runs in a process of its own. The consumer of
 * its output sets the pace through the pipe and kills the process to stop it. Archives are named by
 * absolute path.
 */
import { writeSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { SevenZipModuleFactory } from '7z-wasm'

const load = createRequire(import.meta.url)('7z-wasm') as SevenZipModuleFactory

/**
 * Buffers single bytes, which is how the module delivers output, and writes them in large pieces.
 */
function output(descriptor: number): { put(byte: number): void; flush(): void } {
  const buffer = Buffer.alloc(1 << 16)
  let length = 0
  const flush = (): void => {
    for (let at = 0; at < length; ) at += writeSync(descriptor, buffer, at, length - at)
    length = 0
  }
  return {
    put(byte) {
      buffer[length++] = byte
      if (length === buffer.length) flush()
    },
    flush,
  }
}

const [stdout, stderr] = [output(1), output(2)]
const sevenZip = await load({ stdout: stdout.put, stderr: stderr.put, stdin: () => 0 })
sevenZip.FS.mkdir('/machine')
sevenZip.FS.mount(sevenZip.NODEFS, { root: '/' }, '/machine')
process.exitCode = run(process.argv.slice(2).map((word) => word.replace(/^\//, '/machine/')))
stdout.flush()
stderr.flush()

/** The exit status of 7-Zip. For some unreadable archives it throws instead. */
function run(args: string[]): number {
  try {
    return Number(sevenZip.callMain(args) ?? 0)
  } catch {
    for (const byte of Buffer.from('the archive cannot be read, or wants a password\n'))
      stderr.put(byte)
    return 2
  }
}

import type { Context } from '../core/component.ts'
import type { Cursor, Partition } from '../core/connector.ts'
import type { JsonObject } from '../core/document.ts'
import type { InputFile } from './inputs.ts'

/** A file that is read as a whole. */
export interface ListedFile extends Pick<InputFile, 'path' | 'label' | 'size'> {
  /** Reason to skip it, if its name alone decides. */
  readonly skipped?: string
}

/** A file of a group, with the cursor after it. */
export interface GroupFile extends Omit<ListedFile, 'size'> {
  readonly cursor: Cursor
}

/** A group is full at this many files or bytes. */
const GROUP_FILES = 1000
const GROUP_BYTES = 64 << 20

/**
 * Yields partitions for sources whose files are each read as a whole: consecutive files are
 * grouped, in the given order.
 */
export function* groupFiles(files: readonly ListedFile[]): Iterable<Partition> {
  let group: ListedFile[] = []
  let bytes = 0
  let part = 0
  const finish = (): Partition => {
    const spec: JsonObject = {
      files: group.map(({ path, label, skipped }) => ({
        path,
        label,
        ...(skipped ? { skipped } : {}),
      })),
    }
    const partition = { key: `files/${String(part++).padStart(5, '0')}`, bytes, spec }
    group = []
    bytes = 0
    return partition
  }
  for (const file of files) {
    group.push(file)
    bytes += file.size
    if (group.length >= GROUP_FILES || bytes >= GROUP_BYTES) yield finish()
  }
  if (group.length > 0) yield finish()
}

/** Yields the files of a partition, starting at a cursor. Throws if the run is aborted. */
export function* filesOf(
  context: Context,
  partition: Partition,
  from: Cursor | undefined,
): Iterable<GroupFile> {
  const { files } = partition.spec as { readonly files: readonly Omit<ListedFile, 'size'>[] }
  for (let index = (from as number | undefined) ?? 0; index < files.length; index++) {
    context.signal.throwIfAborted()
    const file = files[index]
    if (file) yield { ...file, cursor: index + 1 }
  }
}

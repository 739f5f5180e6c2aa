import type { Judgement } from '../stage/judge.ts'
import type { HandOver } from '../stage/write-segments.ts'
import type {
  NumberedTask,
  TaskMessage,
  WorkerAnswer,
  WorkerMessage,
  WorkerQuestion,
  WorkerSetup,
} from './protocol.ts'

/** A worker's line to its parent. */
export interface WorkerChannel {
  /** Settled once the message has left; never rejects. */
  send(message: WorkerMessage): Promise<void>
  onMessage(listener: (message: WorkerSetup | NumberedTask) => void): void
  /** What is said of one task. */
  of(task: number): TaskChannel
}

/** A worker's line to whoever waits for one of its tasks. */
export interface TaskChannel {
  /** Like `send`. */
  tell(message: TaskMessage): Promise<void>
  /** Asks the parent for another worker. */
  readonly handOver: HandOver
}

/** The line of a forked process. The process ends when the parent does. */
export function processChannel(): WorkerChannel {
  const asked = new Map<number, (value: WorkerAnswer['value']) => void>()
  let number = 0
  process.on('disconnect', () => process.exit(0))
  const send = (message: WorkerMessage): Promise<void> =>
    new Promise((resolve) => {
      if (process.connected) process.send?.(message, undefined, undefined, () => resolve())
    })
  const ask = async (task: number, question: DistributiveOmit<WorkerQuestion, 'number'>) => {
    const answer = new Promise<WorkerAnswer['value']>((resolve) => asked.set(++number, resolve))
    await send({ ...question, number, task })
    // Wrapped: a promise that an async function returns would be waited for.
    return { answer }
  }
  return {
    send,
    onMessage(listener) {
      process.on('message', (message: WorkerSetup | NumberedTask | WorkerAnswer) => {
        if (!('type' in message) || message.type !== 'answer') return listener(message)
        asked.get(message.number)?.(message.value)
        asked.delete(message.number)
      })
    },
    of: (task) => ({
      tell: (message) => send({ ...message, task }),
      async handOver(batch) {
        const { answer: leave } = await ask(task, { type: 'may-hand-over' })
        if ((await leave) !== true) return undefined
        const { answer } = await ask(task, { type: 'hand-over', batch })
        return { outcome: answer as Promise<Judgement | undefined> }
      },
    }),
  }
}

type DistributiveOmit<T, Key extends PropertyKey> = T extends unknown ? Omit<T, Key> : never

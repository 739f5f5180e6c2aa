import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { requestControl } from '../backend/control.ts'
import { type TrainEvent, type TrainResult, trainResultSchema } from '../core/train-events.ts'
import type { TrainJob } from '../core/train-job.ts'
import type { TrainerBackend } from '../core/trainer.ts'
import { runTraining } from '../train/run.ts'

export interface BackendCase {
  readonly name: string
  make(): TrainerBackend | Promise<TrainerBackend>
  /** A job that ends within seconds, its run in a folder of this name; several steps long. */
  job(run: string): TrainJob | Promise<TrainJob>
  /** What the backend cannot do, with the reason. */
  readonly skip?: readonly {
    readonly what: 'generate' | 'evaluate' | 'stop' | 'repeat'
    readonly reason: string
  }[]
}

/**
 * The contract every backend keeps, in process or a program: it says whether it is ready, plans,
 * trains with numbered events, leaves complete checkpoints, resumes where it stopped, stops when
 * asked, refuses foreign data, scores held-out text and generates repeatably.
 */
export function testBackend(input: BackendCase): void {
  const skips = (what: string): string | undefined =>
    input.skip?.find((one) => one.what === what)?.reason
  const fresh = (): string => join(mkdtempSync(join(tmpdir(), 'etl-backend-')), 'run')
  const signal = new AbortController().signal
  const train = async (job: TrainJob): Promise<{ result: TrainResult; events: TrainEvent[] }> => {
    const events: TrainEvent[] = []
    const result = await runTraining(
      job,
      await input.make(),
      signal,
      (event) => void events.push(event),
    )
    return { result, events }
  }

  describe(`backend contract: ${input.name}`, () => {
    it('reports that it is ready', async () => {
      expect(await (await input.make()).probe()).toMatchObject({ ready: true, missing: [] })
    })

    it('plans tokens, steps and parameters', async () => {
      const job = await input.job(fresh())
      const plan = await (await input.make()).plan(job)
      expect(plan.tokens).toBe(job.data.tokens)
      expect(plan.steps).toBeGreaterThan(0)
      expect(plan.parameters).toBeGreaterThan(0)
    })

    it('trains to the end, with the planned steps, a complete checkpoint and a score per slice', async () => {
      const job = await input.job(fresh())
      const { steps } = await (await input.make()).plan(job)
      const { result, events } = await train(job)
      expect(result.step).toBe(steps)
      expect(events[0]).toMatchObject({ type: 'hello', seq: 0, protocol: 1 })
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index))
      expect(events.at(-1)).toMatchObject({ type: 'done', reason: 'finished' })
      expect(result).toMatchObject({ exitCode: 0, outcome: 'done', error: null })
      expect(
        trainResultSchema.parse(JSON.parse(readFileSync(join(job.run, 'result.json'), 'utf8'))),
      ).toEqual(result)
      expect(readFileSync(join(job.run, result.checkpoint ?? '', 'COMPLETE'))).toBeDefined()
      expect(result.slices.map(({ slice }) => slice)).toEqual(
        job.eval.slices.map(({ name }) => name),
      )
      for (const { loss, perplexity, bitsPerByte } of result.slices) {
        expect(perplexity).toBeCloseTo(Math.exp(loss), 3)
        expect(bitsPerByte).toBeGreaterThan(0)
      }
      expect(readFileSync(join(job.run, 'report.html'), 'utf8')).toContain(job.name)
    })

    it('refuses data of another fingerprint, and another job in the same run', async () => {
      const job = await input.job(fresh())
      const [corpus] = job.data.corpora
      const foreign = {
        ...job,
        data: { ...job.data, corpora: [{ path: corpus?.path ?? '', fingerprint: '0'.repeat(64) }] },
      }
      await expect(train(foreign)).rejects.toMatchObject({ code: 'data-mismatch' })
      await train(job)
      await expect(
        train({ ...job, seed: job.seed + 1, hash: 'f'.repeat(64) }),
      ).rejects.toMatchObject({
        code: 'data-mismatch',
      })
    })

    it.skipIf(skips('repeat'))('reaches the same scores in every run of a job', async () => {
      const first = await train(await input.job(fresh()))
      const second = await train(await input.job(fresh()))
      expect(second.result.slices).toEqual(first.result.slices)
    })

    it.skipIf(skips('stop'))(
      'saves and stops when asked, and resumes to the result of an uninterrupted run',
      async () => {
        const whole = await train(await input.job(fresh()))
        const job = await input.job(fresh())
        let asked = false
        const stopped = await runTraining(job, await input.make(), signal, (event) => {
          if (asked || event.type !== 'plan') return
          asked = true
          requestControl(job.run, 'stop')
        })
        expect(stopped).toMatchObject({ exitCode: 10, outcome: 'stopped' })
        const { result, events } = await train(job)
        expect(events.find(({ type }) => type === 'plan')).toMatchObject({
          resumedFrom: expect.stringContaining('step-'),
        })
        expect(result.slices).toEqual(whole.result.slices)
      },
    )

    it.skipIf(skips('stop'))('does not obey a request that was made before it began', async () => {
      const job = await input.job(fresh())
      mkdirSync(job.run, { recursive: true })
      const request = { seq: Math.floor(performance.timeOrigin) - 1000, action: 'stop' }
      writeFileSync(join(job.run, 'control.json'), JSON.stringify(request))
      expect((await train(job)).result).toMatchObject({ exitCode: 0, outcome: 'done' })
    })

    it.skipIf(skips('evaluate'))(
      'evaluates a checkpoint to the scores it had in training',
      async () => {
        const job = await input.job(fresh())
        const { result } = await train(job)
        const { slices } = job.eval
        const evaluation = {
          protocol: 1,
          task: 'eval',
          run: job.run,
          checkpoint: 'latest',
          slices,
        } as const
        expect(await (await input.make()).evaluate(evaluation)).toEqual(result.slices)
        const missing = { ...evaluation, checkpoint: 'step-9999999999' }
        await expect((await input.make()).evaluate(missing)).rejects.toThrow()
      },
    )

    it.skipIf(skips('generate'))(
      'generates ids of the vocabulary, the same ones for the same seed',
      async () => {
        const job = await input.job(fresh())
        await train(job)
        const generate = async (seed: number): Promise<number[]> => {
          const ids: number[] = []
          const request = {
            protocol: 1,
            task: 'generate',
            run: job.run,
            checkpoint: 'latest',
          } as const
          const limits = {
            prompt: [2],
            maxTokens: 20,
            temperature: 1,
            topP: 1,
            topK: 0,
            stop: [],
            seed,
          }
          for await (const group of (await input.make()).generate({ ...request, ...limits }))
            ids.push(...group)
          return ids
        }
        const ids = await generate(7)
        expect(ids).toHaveLength(20)
        expect(Math.max(...ids)).toBeLessThan(job.data.tokenizer.vocab)
        expect(await generate(7)).toEqual(ids)
      },
    )
  })
}

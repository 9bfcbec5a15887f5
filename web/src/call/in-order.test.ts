import { expect, it } from 'vitest'
import { InOrder } from './in-order'

it('steps run one after the other, and one that fails stops none', async () => {
  const steps = new InOrder()
  const done: string[] = []
  let release = (): void => undefined
  const held = new Promise<void>((resolve) => {
    release = resolve
  })
  const first = steps.run(() => held.then(() => done.push('first')))
  const second = steps.run(() => Promise.reject(new Error('second')))
  const third = steps.run(async () => done.push('third'))
  expect(done).toEqual([])
  release()
  await expect(second).rejects.toThrow('second')
  expect([await first, await third]).toEqual([1, 2])
  expect(done).toEqual(['first', 'third'])
})

// @vitest-environment jsdom
import { act, render, screen } from '@testing-library/react'
import { expect, test } from 'vitest'
import { later } from '../../renderer/components/later.tsx'
import './in-jsdom.ts'

const Greeting = ({ name }: { readonly name: string }) => <p>Hello {name}</p>

test('what is read already is drawn at once', async () => {
  const { Later, load } = later(async () => Greeting)
  await load()
  render(<Later name="Anna" />)
  expect(screen.getByText('Hello Anna')).toBeDefined()
})

test('what is not read yet comes when it is, and is read once', async () => {
  let reads = 0
  const { promise, resolve } = Promise.withResolvers<typeof Greeting>()
  const { Later } = later(() => {
    reads += 1
    return promise
  })
  render(
    <>
      <Later name="Anna" />
      <Later name="Ben" />
    </>,
  )
  expect(screen.queryByText(/^Hello/)).toBeNull()
  await act(async () => resolve(Greeting))
  expect(screen.getAllByText(/^Hello/)).toHaveLength(2)
  expect(reads).toBe(1)
})

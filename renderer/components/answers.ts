import { type MouseEvent, useEffect, useState } from 'react'

/** A person needs longer than this to see a question and answer it. */
const FIRST_MOMENT_MS = 600

interface AnswerProps {
  /** Not `disabled`: the focus stays, and waits with the person. */
  readonly 'aria-disabled': boolean
  readonly onClick: (event: MouseEvent) => void
}

/**
 * What the buttons of a question need: none takes a key or a click of its first moment, which was meant for what was
 * there before, nor a second answer while one is under way. Each question is a component of its own, with a key; where
 * a control has to stay what it is, so that it keeps the focus, `question` tells its questions apart.
 */
export function useAnswers(question = ''): (act: () => Promise<unknown>) => AnswerProps {
  const [seen, setSeen] = useState<string>()
  const [answered, setAnswered] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setSeen(question), FIRST_MOMENT_MS)
    return () => clearTimeout(timer)
  }, [question])
  const ready = seen === question && !answered
  return act => ({
    'aria-disabled': !ready,
    // `detail` counts quick clicks: the second one was not meant for another question.
    onClick({ detail }) {
      if (!ready || detail > 1) return
      setAnswered(true)
      // Refused, or cancelled in the system's dialog, it can be answered once more.
      void act().finally(() => setAnswered(false))
    },
  })
}

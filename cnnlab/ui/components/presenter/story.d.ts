/** What the slides show, as `cnnlab/documents/story` tells it and `presenter.py` completes it. */
export interface Story {
  study: string
  question: { title: string, line: string, setup: string }
  arms: Arm[]
  data: Data
  expect: { title: string, line: string, rows: Asked[] }
  curves: Curves
  verdict: Verdict
  limits: { head: string, text: string }[]
}

export interface Arm {
  name: string
  label: string
  color: string
  dash: string
  reference: boolean
}

export interface Data {
  title: string
  facts: { number: string, words: string }[]
  classes: { name: string, label: string, count: string }[]
  more: string
  notes: string[]
  /** Rows of a few images of each class. */
  images: Record<string, number[]>
  address: string
  px: number
}

/** A question to the room; one with an empty `arm` asks for the best arm. */
export interface Asked {
  arm: string
  label: string
  options: { value: string, label: string }[]
}

/** Mean curve and band of an arm; null where a value isn't known. */
export interface Series {
  arm: string
  x: number[]
  mean: (number | null)[]
  low: (number | null)[]
  high: (number | null)[]
}

export interface Curves {
  title: string
  axis: string
  counter: string
  in_percent: boolean
  in_share: boolean
  epochs: number
  first: number
  last: number
  range: [number, number]
  arms: Series[]
  note: string
  alt: string
}

export interface VerdictRow {
  arm: string
  label: string
  verdict: string
  words: string
  mean: number | null
  low: number | null
  high: number | null
}

export interface Verdict {
  title: string
  line: string
  answer: string
  better: string
  rows: VerdictRow[]
  /** By arm and expectation. */
  replies: Record<string, Record<string, string>>
}

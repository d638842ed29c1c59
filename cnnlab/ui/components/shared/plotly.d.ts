/** The part of Plotly.js that we call. */
export interface Plotly {
  react(element: HTMLElement, traces: Trace[], layout: Layout, config: object): Promise<unknown>
  purge(element: Element): void
  toImage(figure: Figure, options: object): Promise<string>
  Plots: { resize(element: Element): void }
}

/** An element in which Plotly has drawn. */
export interface Drawn extends HTMLElement {
  data: Trace[]
  layout: Layout
  on(event: "plotly_selected", tell: (event?: { range?: { x?: number[], y?: number[] } }) => void): void
}

/** One curve, set of bars or heatmap; Plotly's reference lists what it may say besides. */
export interface Trace {
  name?: string
  type?: string
  mode?: string
  meta?: string
  visible?: boolean
  [other: string]: unknown
}

/** Likewise for a whole chart. */
export interface Layout {
  margin?: Record<string, number>
  meta?: { narrow?: string }
  [other: string]: unknown
}

export interface Figure {
  data: Trace[]
  layout: Layout
}

/** The page's colours and font of the moment. */
export interface Theme {
  text: string
  background: string
  muted: string
  line: string
  font: string
}

import type { ChartData, StreamNews, TurnRecord } from "../shared/records.d.ts"

/** What the server told last, beside the rows. */
export type State = Omit<StreamNews, "next" | "epochs" | "turns" | "steps">

/** A turn that was asked for; from which step it holds isn't known yet. */
export type AskedTurn = Pick<TurnRecord, "number" | "values">

/** The colour of each meaning, as `cnnlab/ui/palette.py` has them. */
export interface Colors {
  train: string
  clean: string
  validation: string
  penalty: string
  gap: string
}

/** What the page knows of a run when it draws a part of its live view. */
export interface Watched {
  part: string
  stream: string
  plotly: string
  colors: Colors
  status: string
  message: string
  device: string
  place: number | null
  changed_by_hand: boolean
  stopping: boolean
  epochs: number
}

export type Chart = Watched & ChartData
export type Turns = Watched & Pick<ChartData, "dials"> & { asked: AskedTurn[] }

import type { ChartData, StreamNews, TurnRecord, Watched } from "../shared/records.d.ts"

/** What the server told last, beside the rows. */
export type State = Omit<StreamNews, "next" | "epochs" | "turns" | "steps">

/** A turn that was asked for; from which step it holds isn't known yet. */
export type AskedTurn = Pick<TurnRecord, "number" | "values">

export type Chart = Watched & ChartData
export type Turns = Watched & Pick<ChartData, "dials"> & { asked: AskedTurn[] }

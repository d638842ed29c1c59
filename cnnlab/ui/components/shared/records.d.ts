// Made by tests/browser/generated.py from cnnlab/domain/records: change it there.

/** One message of the live stream: what a browser doesn't have yet. */
export interface StreamNews {
  status?: string
  message?: string | null
  device?: string | null
  changed_by_hand?: boolean
  place?: number | null
  stopping?: boolean
  log?: string
  facts?: WorkerFacts
  phase?: string
  error?: string
  next?: StreamPosition
  epochs?: EpochRecord[]
  turns?: TurnRecord[]
  steps?: (PhaseRow | StepRow)[]
}

/** What the live chart wants beside the stream. */
export interface ChartData {
  dials: Record<string, DialWords>
  auto_batch_size: boolean
  branch: number | null
  parent: ParentEpoch[]
}

/** What a worker says of a run before its first step. */
export interface WorkerFacts {
  device: string
  threads: number
  versions: Record<string, string>
  compute_capability?: string
  device_memory_bytes?: number | null
  device_note?: string
  batch_size?: number
  batch_size_words?: string
  deterministic: string
  acceleration?: string
  parameters: number
  layers?: LayerRow[]
  init_checksum: string
  layer_checksums?: Record<string, string>
  batch_order_checksum?: string
  epochs: number
  steps_per_epoch: number
  train_images: number
  flipped_labels?: number
  validation_images: number
  clean_images?: number
  clean_is_subset?: boolean
}

/** What a browser has of a run: number of the attempt, and rows of it by kind. */
export interface StreamPosition {
  attempt: number
  epochs: number
  turns: number
  steps: number
}

/** Metrics of one finished epoch; None where a value can't be known or isn't finite. */
export interface EpochRecord {
  epoch: number
  loss: number | null
  cross_entropy: number | null
  accuracy: number | null
  penalty: number | null
  clean_cross_entropy: number | null
  clean_accuracy: number | null
  val_cross_entropy: number | null
  val_accuracy: number | null
  learning_rate: number
  seconds: number
  images_per_second: number
  evaluation_seconds?: number
  memorized?: number | null
  rescued?: number | null
  weights?: WeightRow[]
}

/** A turn that was made; `step` is the 0-based global step from which its values held. */
export interface TurnRecord {
  number: number
  values: Record<string, number>
  step: number
}

/** Row of `steps.jsonl`: what the worker is doing, in words. */
export interface PhaseRow {
  kind: "phase"
  text: string
}

/** Row of `steps.jsonl`: running means. */
export interface StepRow {
  epoch: number
  step: number
  loss: number
  cross_entropy: number
  accuracy: number
  images_per_second: number
  learning_rate: number
  seconds: number
  kind: "step"
}

/** How a dial is called, its unit, and its value when the run was launched. */
export interface DialWords {
  label: string
  unit: string
  value: any
}

/** What the chart of a fork draws of an epoch of its parent. */
export interface ParentEpoch {
  epoch: number
  clean_cross_entropy: number | null
  clean_accuracy: number | null
  val_cross_entropy: number | null
  val_accuracy: number | null
  penalty: number | null
}

/** One layer of a network; `output_shape` is without the batch. */
export interface LayerRow {
  name: string
  kind: string
  output_shape: number[]
  parameters: number
}

/** The weights of one kernel after an epoch: those that the evaluation used. */
export interface WeightRow {
  layer: string
  norm: number
  near_zero: number
}

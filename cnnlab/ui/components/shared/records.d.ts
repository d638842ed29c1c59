// Made by tests/browser/generated.py from the program's Python: change it there.

/** What the corner is given. */
export interface AccountData {
  name: string
  workspaces: AccountWorkspace[]
  change: string
  leave: string
}

/** One message of the live stream: what a browser doesn't have yet. */
export interface StreamNews {
  next?: StreamPosition
  epochs?: EpochRecord[]
  turns?: TurnRecord[]
  steps?: (PhaseRow | ShareRow | StepRow)[]
  status?: string
  message?: string | null
  device?: string | null
  changed_by_hand?: boolean
  queue?: string
  stopping?: boolean
  log?: string
  facts?: WorkerFacts
  phase?: string
  error?: string
}

/** What the live chart wants beside the stream. */
export interface ChartData {
  dials: Record<string, DialWords>
  auto_batch_size: boolean
  branch: number | null
  parent: ParentEpoch[]
}

/** What the page knows of a run when it draws a part; what its stream tells is newer. */
export interface Watched {
  part: string
  run: string
  stream: string
  plotly: string
  colors: CurveColors
  status: string
  message: string
  device: string
  queue: string
  changed_by_hand: boolean
  stopping: boolean
  epochs: number
  title?: string
  kept?: number | null
  known?: StreamNews
}

/** The table. */
export interface FormatsData {
  rows: FormatRow[]
  version: string
  chosen: string
  address: string
  rest: string
}

/** The gallery: images come from `address`, `px` large, and are shown `tile` px large. */
export interface GalleryData {
  images: Tile[]
  address: string
  px: number
  tile: number
  version: string
  selectable: boolean
  selected: number[]
}

/** The cards: pictures go to `address`. */
export interface ClassCardsData {
  address: string
  token: string
  target: string
  classes: KnownClass[]
  done: string
  left: boolean
  most_bytes: number
  least_classes: number
  least_each: number
}

/** Pictures from `address`, shown `tile` px large at least. */
export interface PicturesData {
  pictures: Picture[]
  address: string
  tile: number
  version: string
  label: string
  selected: number[]
}

/** The matrix: names of the classes by label, and its cells with images. */
export interface ConfusionData {
  classes: string[]
  cells: ConfusionCell[]
  version: string
  chosen: number[]
}

/** The plane: images come from `address`; `label` says what it shows, `height` is in px. */
export interface CloudData {
  points: CloudPoints
  groups: CloudGroup[]
  classes: string[]
  address: string
  label: string
  height: number
  version: string
  selected: number[]
}

/** What the slides show. */
export interface PresenterData {
  is_read: boolean
  can_share: boolean
  news: StoryNews
  pictures: Pictures
  feed: string
  deck: string
  token: string
  reading: Record<string, string>
}

/** A study as a story; `study` is its id, a slide without anything to show is None. */
export interface Story {
  study: string
  arms: ArmLook[]
  progress: Progress
  question: QuestionSlide
  data: DataSlide | null
  expect: ExpectSlide
  curves: CurvesSlide
  gap: GapSlide | null
  verdict: VerdictSlide
  dose: PanelsSlide | null
  worth: PanelsSlide | null
  robustness: PanelsSlide | null
  mistakes: MistakesSlide | null
  limits: Limit[]
}

/** What is said of one picture that was sent. */
export interface PredictAnswer {
  predictions: Prediction[]
  milliseconds: number
  problem?: string
  problems?: Record<string, string>
  phase?: string
}

/** What the component is given. */
export interface PageCheckData {
  page: string
  sha256: string
  image: string
  told: string
  token: string
  images: number
}

/** What each part of a page is given. */
export interface PredictData {
  part: string
  place: string
  address: string
  uploads: string
  token: string
  names: Record<string, string>
  most_bytes: number
  many: boolean
  addable: boolean
  methods: MethodWords[]
  classes: string[]
  scale: string[]
  samples: PredictSample[]
}

/** What the module is given. */
export interface LooksData {
  pictures: LookedAt[]
  scale: string[]
  label: string
  version: string
}

/** A network and what may be done with it. */
export interface NetworkData {
  turn: number
  edit: number
  is_own: boolean
  preset: string
  activation: string
  entries: (Record<string, any>)[]
  frozen_place: number
  blocks: DrawnBlock[]
  parameters: number
  multiply_adds: number
  bytes: number
  problem: string
  kinds: KindData[]
  said: Said
  told: string
}

/** A change that was made in the browser: the network as it is now. */
export interface NetworkEdit {
  edit: number
  layers: (Record<string, any>)[] | null
  frozen_place: number
  pasted: string
}

/** The table. */
export interface RunTableData {
  columns: RunColumn[]
  rows: RunLine[]
  sorted: "" | "ascending" | "descending"
  version: string
  page: string
  locked: string
  above: string
}

/** The table. */
export interface TableData {
  name: string
  columns: TableColumn[]
  rows: TableRow[]
  page: string
  chosen: string
  ticked: string[] | null
  above: string
}

/** What the bar is given: its pages, in its order, and who is signed in, if anybody is. */
export interface BarData {
  places: BarPlace[]
  account: AccountData | null
}

/** A workspace into which somebody may go. */
export interface AccountWorkspace {
  id: string
  title: string
  isHere: boolean
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

/** Row of `steps.jsonl`: how much of the current phase is done; `total` is 0 if unknown. */
export interface ShareRow {
  kind: "progress"
  done: number
  total: number
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

/** What a worker says of a run before its first step. */
export interface WorkerFacts {
  device: string
  threads: number
  versions: Record<string, string>
  bits_version?: number
  compute_capability?: string
  device_memory_bytes?: number | null
  device_note?: string
  batch_size?: number
  batch_size_words?: string
  deterministic: string
  acceleration?: string
  cached_features?: string
  parameters: number
  layers?: LayerRow[]
  pretrained?: PretrainedFacts | null
  phases?: PhaseFacts[]
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
  statistics_images?: number
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

/** The colour of each meaning in the charts of a run. */
export interface CurveColors {
  train: string
  clean: string
  validation: string
  penalty: string
  gap: string
}

/** A format of a run, in words. */
export interface FormatRow {
  name: string
  title: string
  purpose: string
  group: string
  stage: "none" | "under_way" | "verified" | "unverified" | "refused" | "blocked"
  words: string
  bytes: number
  agreement: string
  accuracy: string
  milliseconds: string
  memory: string
  needs: string
}

/** An image of the gallery; `starts_group` draws a line before it. */
export interface Tile {
  row: number
  file: string
  label: string
  note: string
  starts_group: boolean
}

/** A class that the dataset has already, as it is called and as it is shown. */
export interface KnownClass {
  name: string
  shown: string
  images: number
}

/** A picture with what a model says of it. */
export interface Picture {
  row: number
  file: string
  true: string
  predicted: string
  probability: number
  is_right: boolean
  note: string
  guesses: Guessed[]
}

/** How many images of the class `true` are taken for `predicted`; both are labels. */
export interface ConfusionCell {
  true: number
  predicted: number
  images: number
}

/** The points, a list for each of what is known of them. */
export interface CloudPoints {
  row: number[]
  x: number[]
  y: number[]
  label: number[]
  named: number[]
  group: number[]
  is_training: number[]
}

/** Points of one colour: those of a class, or of all that have no colour of their own. */
export interface CloudGroup {
  name: string
  color: string
}

/** What of a story is new to a browser. */
export interface StoryNews {
  version: string
  story: Record<string, any>
  deck?: SlideChoice[]
}

/** A few images of each class: their rows, and where the browser gets them, so many px large. */
export interface Pictures {
  rows: Record<string, number[]>
  address: string
  px: number
  inline?: Record<string, string>
}

/** How an arm is called and drawn on every slide. */
export interface ArmLook {
  name: string
  label: string
  color: string
  words_color: string
  mark: string
  reference: boolean
}

/** How far the runs are, in words too; `left` is about how long it takes, empty if unknown. */
export interface Progress {
  is_ended: boolean
  finished: number
  total: number
  words: string
  left: string
}

/** What is asked, what is compared with what, and how often it is trained. */
export interface QuestionSlide {
  title: string
  line: string
  setup: string
}

/** The dataset; `more` tells of classes that have no room. */
export interface DataSlide {
  title: string
  facts: DataFact[]
  classes: ClassCard[]
  more: string
  notes: string[]
}

/** What the room is asked before it sees the curves. */
export interface ExpectSlide {
  title: string
  line: string
  rows: Asked[]
}

/** The curves: followed while they grow, and replayed. */
export interface CurvesSlide {
  title: string
  axis: string
  counter: string
  in_percent: boolean
  in_share: boolean
  epochs: number
  first: number
  last: number
  reached: number
  range: number[]
  arms: Series[]
  growing: SeedLine[]
  note: string
  alt: string
}

/** How far training and validation are apart, `range` being the ends of the scale in percent. */
export interface GapSlide {
  title: string
  line: string
  range: number[]
  rows: GapRow[]
}

/** What the data say. */
export interface VerdictSlide {
  title: string
  line: string
  unit: string
  margin: number
  better: string
  rows: VerdictRow[]
  replies: Record<string, Record<string, string>>
}

/** Charts side by side, what they say in sentences, and a note on how they were made. */
export interface PanelsSlide {
  title: string
  words: string[]
  panels: Panel[]
  note: string
}

/** Validation pictures that the arms get wrong, and those on which they differ most. */
export interface MistakesSlide {
  title: string
  line: string
  groups: MistakesGroup[]
}

/** Something that the answer rests on, or where it ends. */
export interface Limit {
  head: string
  text: string
}

/** What one run's model says of one picture. */
export interface Prediction {
  class: string
  run: string
  run_name: string
  file: string
  probability: number
  top: Guess[]
  familiarity: Familiarity | null
  seen?: string
  explanation?: Explanation
}

/** A way to say where a model looks. */
export interface MethodWords {
  name: string
  title: string
  shows: string
  hides: string
}

/** A picture that is there to be tried. */
export interface PredictSample {
  name: string
  label: string
  small: string
  whole: string
}

/** A picture with its map. */
export interface LookedAt {
  picture: string
  heat: string
  title: string
  words: string
}

/** A block of the drawing; what is unknown is null, a shape that is unknown empty. */
export interface DrawnBlock {
  kind: string
  name: string
  details: string
  role: string
  enabled: boolean
  shape: number[]
  parameters: number | null
  multiply_adds: number | null
  bytes: number | null
  time_share: number | null
  memory_share: number | null
  sees: number | null
  has_shortcut: boolean
  paths: DrawnPathLayer[][]
  problem: string
  hints: string[]
}

/** A kind of layers. */
export interface KindData {
  kind: string
  name: string
  role: string
  help: string
  fields: LayerField[]
  usual: Record<string, any>
  fits_a_path: boolean
}

/** What came of a paste: `of` is its number, `problem` empty where it was taken. */
export interface Said {
  of: number
  problem: string
}

/** A column beside those for the tick, the star and the name. */
export interface RunColumn {
  name: string
  label: string
  help: string
  kind: "text" | "number" | "curve"
  sorted: "" | "ascending" | "descending"
  card: "half" | "whole" | "above" | "none"
}

/** A run. */
export interface RunLine {
  id: string
  name: string
  starred: boolean
  ticked: boolean
  status: string
  cells: string[]
  curve: number[]
}

/** A column; the first names its row. */
export interface TableColumn {
  label: string
  help: string
  kind: "text" | "compared" | "moment" | "number" | "bar" | "curve" | "picture"
  card: "half" | "whole" | "above" | "none"
}

/** A row. */
export interface TableRow {
  id: string
  mark: string
  cells: TableCell[]
}

/** A page as the bar shows it. */
export interface BarPlace {
  name: string
  title: string
  icon: string
  isHere: boolean
  isMain: boolean
}

/** The weights of one kernel after an epoch: those that the evaluation used. */
export interface WeightRow {
  layer: string
  norm: number
  near_zero: number
}

/** One layer of a network; `output_shape` is without the batch. */
export interface LayerRow {
  name: string
  kind: string
  output_shape: number[]
  parameters: number
}

/** The weights that a run started with instead of those that it drew. */
export interface PretrainedFacts {
  source: string
  sha256: string
  licence: string
  taken: number
  new: string[]
  seen?: SeenImages | null
}

/** A phase of a run. */
export interface PhaseFacts {
  first_epoch: number
  words: string
  trained: string[]
}

/** A class that a picture is taken for, with its probability 0..1. */
export interface Guessed {
  name: string
  probability: number
  is_true: boolean
}

/** What whoever presents has made of a slide; the note is theirs alone. */
export interface SlideChoice {
  slide: string
  title: string
  is_hidden: boolean
  note: string
}

/** A number that says much of the dataset. */
export interface DataFact {
  number: string
  words: string
}

/** A class of the dataset, `count` with separators. */
export interface ClassCard {
  name: string
  label: string
  count: string
}

/** A question to the room; one with an empty `arm` asks which arm is best. */
export interface Asked {
  arm: string
  label: string
  options: Option[]
}

/** Mean curve and band of an arm; None where a value isn't known. */
export interface Series {
  arm: string
  x: number[]
  mean: (number | null)[]
  low: (number | null)[]
  high: (number | null)[]
}

/** The curve of one run that trains beside those that its arm's mean is made of. */
export interface SeedLine {
  arm: string
  seed: number
  x: number[]
  y: (number | null)[]
}

/** Clean train and validation accuracy of an arm, both in percent, and what that is in words. */
export interface GapRow {
  arm: string
  label: string
  train: number
  validation: number
  words: string
}

/** The verdict on an arm; its difference and intervals in the slide's unit, None if unknown. */
export interface VerdictRow {
  arm: string
  label: string
  verdict: string
  said: string
  words: string
  mean: number | null
  low: number | null
  high: number | null
  other_low: number | null
  other_high: number | null
  is_far: boolean
}

/** A chart with axes of its own. */
export interface Panel {
  title: string
  axis: string
  ticks: Tick[]
  ends: number[]
  range: number[]
  in_percent: boolean
  traces: Trace[]
  shaded: number[]
  shaded_label: string
  distance: Distance | null
  alt: string
}

/** Pictures that were picked for one reason. */
export interface MistakesGroup {
  head: string
  pictures: Mistaken[]
}

/** A class with its probability. */
export interface Guess {
  class: string
  probability: number
  calibrated: number | null
}

/** Whether a picture is like those that the model was trained on. */
export interface Familiarity {
  limit: number
  false_alarms: number
  low: number
  high: number
  images: number
  distance: number
  is_unlike: boolean | null
}

/** Where one run's model looks in a picture that is tried. */
export interface Explanation {
  facts?: MapFacts
  overlay?: string
  check: ShuffleCheck | null
  words?: string[]
  problem?: string
}

/** A layer on a path of a branch block. */
export interface DrawnPathLayer {
  name: string
  details: string
  role: string
  enabled: boolean
  shape: number[]
}

/** A field of a layer, as a widget asks for it. */
export interface LayerField {
  name: string
  label: string
  help: string
  sort: "whole" | "number" | "choice" | "switch"
  low: number | null
  high: number | null
  increment: number
  choices: string[]
}

/** What stands in a cell. */
export interface TableCell {
  text: string
  value: number | null
  curve: number[]
}

/** Images that judge a run and that trained the weights that it starts with. */
export interface SeenImages {
  runs: string[]
  validation_images: number
  seen_validation: number
  test_images: number
  seen_test: number
  checksum: string
  unknown_of: string[]
}

/** One answer of the room. */
export interface Option {
  value: string
  label: string
}

/** A place of an axis that has a name. */
export interface Tick {
  at: number
  label: string
}

/** What an arm, or a group of arms that share its look, reached at several places. */
export interface Trace {
  arm: string
  label: string
  marks: Mark[]
  smooth: number[][]
  best: number | null
}

/** A level, from one place to another, with the interval of the second and a name. */
export interface Distance {
  y: number
  start: number
  end: number
  low: number | null
  high: number | null
  label: string
}

/** A validation picture: its row of the dataset, its class, and what each arm says of it. */
export interface Mistaken {
  row: number
  label: string
  arms: SaidOfPicture[]
}

/** What is told of one map beside it; its class is the one whose score it is of. */
export interface MapFacts {
  class: string
  method: string
  against: number
  miss: number | null
}

/** Whether maps of a method depend on what the network has learnt. */
export interface ShuffleCheck {
  method: string
  signed: number | null
  sizes: number | null
  pictures: number
}

/** Where a curve was measured: its mean, the ends of its interval or range, its seeds. */
export interface Mark {
  x: number
  mean: number
  low: number | null
  high: number | null
  seeds: number[]
  label: string
}

/** How many runs of an arm are right about a picture; what most of the wrong ones say. */
export interface SaidOfPicture {
  arm: string
  label: string
  right: number
  runs: number
  said: string
}

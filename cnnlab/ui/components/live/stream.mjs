// The rows of one run as they come: one WebSocket for all parts of the page that show the run.

import { ENDED } from "../shared/words.mjs"

/**
 * @typedef {import("../shared/records.d.ts").EpochRecord} EpochRecord
 * @typedef {import("../shared/records.d.ts").StepRow} StepRow
 * @typedef {import("../shared/records.d.ts").TurnRecord} TurnRecord
 * @typedef {import("./live.d.ts").State} State
 * @typedef {import("../shared/records.d.ts").StreamNews} News
 */

const RETRY_FIRST_MS = 300
const RETRY_MOST_MS = 3000
const DRAW_EVERY_MS = 120
const REST = 3 // times as long as drawing took: it mostly trains on the same processor

/** What is known of one run, by all that the server has told. */
export class RunStream {
  /** @type {EpochRecord[]} */
  epochs = []
  /** @type {TurnRecord[]} */
  turns = []
  /** @type {StepRow[]} of the epoch that isn't finished */
  steps = []
  phase = ""
  /** @type {State} */
  state = {}
  /** @type {NonNullable<News["next"]>} where the next news begin */
  next = { attempt: 0, epochs: 0, turns: 0, steps: 0 }
  isKnown = false // whether the page has told what it knew when it was drawn
  isLost = false // whether the connection broke and isn't there again
  isComplete = false
  told = ""
  #retryMs = RETRY_FIRST_MS
  #drawAgainAt = -Infinity
  /** @type {Map<string, () => void>} */
  #listeners = new Map()
  /** @type {Set<string>} parts that don't show what is known now */
  #behind = new Set()
  /** @type {WebSocket | undefined} */
  #socket
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer

  /** @param {string} address of the run's stream */
  constructor(address) {
    this.address = address
  }

  get isOver() {
    return Boolean(this.state.error) || ENDED.has(this.state.status ?? "")
  }

  /**
   * Draw a part of the page now and whenever there are news. The server is asked once the part of
   * the page that brings what is known is there.
   * @param {string} part
   * @param {() => void} draw
   */
  listen(part, draw) {
    this.#listeners.set(part, draw)
    this.#connect()
    this.#behind.delete(part)
    draw()
  }

  /**
   * The part isn't shown any more; without any the connection is closed.
   * @param {string} part
   */
  leave(part) {
    this.#listeners.delete(part)
    if (this.#listeners.size) return
    streams.delete(this.address)
    this.#socket?.close()
  }

  #connect() {
    if (!this.isKnown || this.#socket || this.isComplete || !this.#listeners.size) return
    const address = new URL(this.address, location.href)
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:"
    for (const [name, value] of Object.entries(this.next))
      address.searchParams.set(name, String(value))
    const socket = new WebSocket(address)
    this.#socket = socket
    socket.onopen = () => {
      this.isLost = false
      this.#retryMs = RETRY_FIRST_MS
      this.changed()
    }
    socket.onmessage = (event) => this.take(JSON.parse(event.data))
    socket.onclose = () => this.#closed()
  }

  #closed() {
    this.#socket = undefined
    if (this.isOver) {
      this.isComplete = true
      return
    }
    this.isLost = true
    this.changed()
    setTimeout(() => this.#connect(), this.#retryMs)
    this.#retryMs = Math.min(2 * this.#retryMs, RETRY_MOST_MS)
  }

  /**
   * What the page knew when it was drawn: all of it at once, and the server is asked for what
   * follows. Whoever was told anything before knows more. Of a run that has ended this is all.
   * @param {News} news
   */
  know(news) {
    if (this.isKnown) return
    this.take(news)
    this.isComplete = this.isOver
    this.#connect()
  }

  /**
   * The page knows better: a run that had ended was resumed.
   * @param {{ status: string, message: string }} known
   */
  goOn({ status, message }) {
    if (!this.isComplete || ENDED.has(status)) return
    this.isComplete = false
    this.state = { ...this.state, status, message, error: undefined }
    this.#connect()
  }

  /**
   * Take over what the server tells.
   * @param {News} news
   */
  take({ epochs = [], turns = [], steps = [], next, ...state }) {
    // A new attempt of the run may begin a little further back; all its rows come at once.
    if (next && next.attempt !== this.next.attempt) this.#begin()
    this.next = next ?? this.next
    this.isKnown = true
    Object.assign(this.state, state)
    this.epochs.push(...epochs)
    this.turns.push(...turns)
    for (const row of steps) {
      if (row.kind === "phase") this.phase = row.text
      else if (row.kind === "step") this.steps.push(row)
    }
    if (epochs.length) this.steps = this.steps.filter((row) => row.epoch >= this.epochs.length)
    this.changed()
  }

  #begin() {
    this.epochs = []
    this.turns = []
    this.steps = []
    this.phase = ""
  }

  /** Draw all parts, soon; one that comes before that is drawn then, and only once. */
  changed() {
    for (const part of this.#listeners.keys()) this.#behind.add(part)
    if (this.#timer !== undefined) return
    this.#timer = setTimeout(() => {
      const began = performance.now()
      this.#timer = undefined
      this.#drawAgainAt = began + DRAW_EVERY_MS
      const behind = [...this.#behind]
      this.#behind.clear()
      for (const part of behind) this.#listeners.get(part)?.()
      setTimeout(() => { // once what they left for later is drawn as well
        const ended = performance.now()
        this.#drawAgainAt = Math.max(this.#drawAgainAt, ended + REST * (ended - began))
      }, 0)
    }, this.#drawAgainAt - performance.now())
  }
}

/** @type {Map<string, RunStream>} */
const streams = new Map()

/**
 * The stream of a run, the same for all parts of the page.
 * @param {string} address
 */
export function streamOf(address) {
  const stream = streams.get(address) ?? new RunStream(address)
  streams.set(address, stream)
  return stream
}

// The rows of one run as they come: one WebSocket for all parts of the page that show the run.

const RETRY_FIRST_MS = 300
const RETRY_MOST_MS = 3000
const DRAW_EVERY_MS = 120
// An interrupted run isn't at its end: it goes on by itself.
const ENDED = new Set(["finished", "stopped", "failed"])

class RunStream {
  constructor(address) {
    this.address = address
    this.state = {}
    this.next = { attempt: 0, epochs: 0, turns: 0, steps: 0 }
    this.begin()
    this.listeners = new Map()
    this.retryMs = RETRY_FIRST_MS
    this.drawnAt = -Infinity
    this.connected = false
  }

  begin() {
    this.epochs = []
    this.turns = []
    this.steps = []
    this.phase = ""
  }

  get isOver() {
    return Boolean(this.state.error) || ENDED.has(this.state.status)
  }

  listen(part, draw) {
    this.listeners.set(part, draw)
    this.connect()
    draw(this)
  }

  leave(part) {
    this.listeners.delete(part)
    if (this.listeners.size) return
    globalThis.cnnlabStreams.delete(this.address)
    this.socket?.close()
  }

  connect() {
    if (this.socket || this.complete || !this.listeners.size) return
    const scheme = location.protocol === "https:" ? "wss:" : "ws:"
    const socket = new WebSocket(
      `${scheme}//${location.host}${this.address}&${new URLSearchParams(this.next)}`)
    this.socket = socket
    socket.onopen = () => {
      this.connected = true
      this.retryMs = RETRY_FIRST_MS
      this.changed()
    }
    socket.onmessage = (event) => this.take(JSON.parse(event.data))
    socket.onclose = () => {
      this.socket = undefined
      this.connected = false
      if (this.isOver) {
        this.complete = true
        return
      }
      this.changed()
      setTimeout(() => this.connect(), this.retryMs)
      this.retryMs = Math.min(2 * this.retryMs, RETRY_MOST_MS)
    }
  }

  // The page knows better: a run that had ended was resumed.
  goOn({ status, message }) {
    if (!this.complete || ENDED.has(status)) return
    this.complete = false
    this.state = { ...this.state, status, message, error: undefined }
    this.connect()
  }

  take({ epochs = [], turns = [], steps = [], next, ...state }) {
    // A new attempt of the run may begin a little further back; all its rows come at once.
    if (next && next.attempt !== this.next.attempt) this.begin()
    this.next = next ?? this.next
    Object.assign(this.state, state)
    this.epochs.push(...epochs)
    this.turns.push(...turns)
    for (const row of steps) {
      if (row.kind === "phase") this.phase = row.text
      else this.steps.push(row)
    }
    if (epochs.length) this.steps = this.steps.filter((row) => row.epoch >= this.epochs.length)
    this.changed()
  }

  changed() {
    this.timer ??= setTimeout(() => {
      this.timer = undefined
      this.drawnAt = performance.now()
      for (const draw of this.listeners.values()) draw(this)
    }, this.drawnAt + DRAW_EVERY_MS - performance.now())
  }
}

function streamOf(address) {
  globalThis.cnnlabStreams ??= new Map()
  const streams = globalThis.cnnlabStreams
  if (!streams.has(address)) streams.set(address, new RunStream(address))
  return streams.get(address)
}

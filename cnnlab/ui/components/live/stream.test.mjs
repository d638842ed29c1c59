import assert from "node:assert/strict"
import { beforeEach, mock, test } from "node:test"

import { streamOf } from "./stream.mjs"

/** A server that the test plays. */
class Socket {
  /** @type {Socket[]} */
  static opened = []
  onopen = () => {}
  onclose = () => {}
  /** @type {(message: { data: string }) => void} */
  onmessage = () => {}

  /** @param {URL} address */
  constructor(address) {
    this.address = address
    Socket.opened.push(this)
  }

  /** @param {object} news */
  tell(news) {
    this.onmessage({ data: JSON.stringify(news) })
  }

  close() {
    this.onclose()
  }
}

/** @param {number} epoch */
const row = (epoch) => ({ epoch, val_accuracy: 0.5 })

let runs = 0

/**
 * What a page knows of a running run with so many epochs.
 * @param {number} epochs
 */
const known = (epochs) => /** @type {any} */ ({
  next: { attempt: 1, epochs, turns: 0, steps: 0 }, status: "running",
  epochs: Array.from({ length: epochs }, (_, epoch) => row(epoch)),
})

/**
 * The stream of a run that nobody has watched yet.
 * @param {any} before what the page knew
 */
function watched(before = {}) {
  runs += 1
  const stream = streamOf(`/api/runs/${runs}/live`)
  const draw = mock.fn()
  stream.listen("chart", draw)
  assert.equal(Socket.opened.length, 0) // before the page has told what it knows
  stream.know(before)
  clock.pass(200)
  return { stream, draw, socket: () => /** @type {Socket} */ (Socket.opened.at(-1)) }
}

/** Time as the tests let it pass. */
class Clock {
  now = 0
  /** @type {{ at: number, call: () => void }[]} */
  #waiting = []

  /**
   * @param {() => void} call
   * @param {number} wait in ms
   */
  setTimeout = (call, wait) => this.#waiting.push({ at: this.now + Math.max(0, wait), call })

  /** @param {number} milliseconds */
  pass(milliseconds) {
    this.now += milliseconds
    const due = this.#waiting.filter(({ at }) => at <= this.now)
    this.#waiting = this.#waiting.filter(({ at }) => at > this.now)
    for (const { call } of due) call()
  }
}

let clock = new Clock()

beforeEach(() => {
  Socket.opened = []
  clock = new Clock()
  Object.assign(globalThis, {
    WebSocket: Socket, location: new URL("https://here:8501/runs?run=1"),
    setTimeout: clock.setTimeout,
  })
})

test("all parts of the page share one connection, on the page's own host", () => {
  const { stream, socket } = watched()
  stream.listen("numbers", () => {})
  assert.equal(Socket.opened.length, 1)
  assert.equal(String(socket().address).split("/runs/")[0], "wss://here:8501/api")
  stream.leave("chart")
  stream.leave("numbers")
  assert.notEqual(streamOf(stream.address), stream)
})

test("after a break it asks for what follows, later and later", () => {
  const { stream, socket } = watched()
  socket().onopen()
  assert.equal(stream.isLost, false)
  const next = { attempt: 1, epochs: 2, turns: 0, steps: 7 }
  socket().tell({ next, epochs: [row(0), row(1)] })
  socket().onclose()
  assert.equal(stream.isLost, true)
  for (const wait of [300, 600, 1200, 2400, 3000, 3000]) {
    const before = Socket.opened.length
    clock.pass(wait - 1)
    assert.equal(Socket.opened.length, before)
    clock.pass(1)
    assert.equal(Socket.opened.length, before + 1)
    assert.equal(socket().address.searchParams.get("epochs"), "2")
    assert.equal(socket().address.searchParams.get("steps"), "7")
    socket().onclose()
  }
  assert.equal(stream.epochs.length, 2)
})

test("a finished epoch takes its steps away, and phases are told apart from steps", () => {
  const { stream, socket } = watched()
  const steps = [{ kind: "phase", text: "Building" }, { kind: "step", epoch: 0, step: 0 }]
  socket().tell({ steps })
  assert.equal(stream.phase, "Building")
  assert.equal(stream.steps.length, 1)
  socket().tell({ epochs: [row(0)], steps: [{ kind: "step", epoch: 1, step: 0 }] })
  assert.deepEqual(stream.steps.map(({ epoch }) => epoch), [1])
})

test("what the page knew is there at once, and only what follows is asked for", () => {
  const { stream, socket } = watched({
    next: { attempt: 2, epochs: 2, turns: 1, steps: 9 }, status: "running",
    epochs: [row(0), row(1)], turns: [{ number: 1 }], steps: [{ kind: "step", epoch: 2, step: 0 }],
  })
  assert.equal(stream.isKnown, true)
  assert.deepEqual([stream.epochs.length, stream.turns.length, stream.steps.length], [2, 1, 1])
  const asked = Object.fromEntries(socket().address.searchParams)
  assert.deepEqual(asked, { attempt: "2", epochs: "2", turns: "1", steps: "9" })
  socket().tell({ next: { attempt: 2, epochs: 3, turns: 1, steps: 9 }, epochs: [row(2)] })
  assert.deepEqual(stream.epochs.map(({ epoch }) => epoch), [0, 1, 2])
})

test("a page that is drawn again takes nothing back and doubles nothing", () => {
  const { stream, socket } = watched(known(2))
  socket().tell({ next: { attempt: 1, epochs: 3, turns: 0, steps: 0 }, epochs: [row(2)] })
  for (const epochs of [2, 3, 4]) stream.know(known(epochs))
  assert.deepEqual(stream.epochs.map(({ epoch }) => epoch), [0, 1, 2])
  assert.equal(stream.next.epochs, 3)
})

test("of a run that has ended the page knew all: nothing is asked for", () => {
  const { stream } = watched({ ...known(3), status: "finished" })
  assert.deepEqual([Socket.opened.length, stream.epochs.length], [0, 3])
  stream.goOn({ status: "finished", message: "" })
  assert.equal(Socket.opened.length, 0)
  stream.goOn({ status: "queued", message: "" })
  assert.equal(Socket.opened.length, 1)
  assert.equal(Socket.opened[0].address.searchParams.get("epochs"), "3")
})

test("a new attempt begins anew with all its rows", () => {
  const { stream, socket } = watched()
  const next = { epochs: 2, turns: 0, steps: 0 }
  socket().tell({ next: { attempt: 1, ...next }, epochs: [row(0), row(1)] })
  socket().tell({ next: { attempt: 2, ...next, epochs: 1 }, epochs: [row(0)] })
  assert.equal(stream.epochs.length, 1)
})

test("at its end it isn't asked again, until the page says that the run goes on", () => {
  const { stream, socket } = watched()
  socket().tell({ status: "stopped", message: "By the user." })
  socket().onclose()
  clock.pass(10_000)
  assert.equal(Socket.opened.length, 1)
  stream.goOn({ status: "finished", message: "" })
  assert.equal(Socket.opened.length, 1)
  stream.goOn({ status: "queued", message: "" })
  assert.equal(Socket.opened.length, 2)
  assert.equal(stream.state.status, "queued")
})

test("an interrupted run isn't at its end: it goes on by itself", () => {
  const { socket } = watched()
  socket().tell({ status: "interrupted" })
  socket().onclose()
  clock.pass(300)
  assert.equal(Socket.opened.length, 2)
})

test("many news are drawn once", () => {
  const { draw, socket } = watched()
  assert.equal(draw.mock.callCount(), 2)
  for (let number = 0; number < 50; number += 1) socket().tell({ epochs: [row(number)] })
  clock.pass(200)
  assert.equal(draw.mock.callCount(), 3)
})

test("what takes long to draw is drawn more rarely", () => {
  mock.method(performance, "now", () => clock.now)
  const { stream, draw, socket } = watched()
  const slow = mock.fn(() => { clock.now += 200 })
  stream.listen("numbers", slow)
  socket().tell({ epochs: [row(0)] })
  clock.pass(200)
  assert.equal(slow.mock.callCount(), 2)
  clock.pass(0)
  socket().tell({ epochs: [row(1)] })
  clock.pass(500)
  assert.equal(slow.mock.callCount(), 2)
  clock.pass(100)
  assert.equal(slow.mock.callCount(), 3)
  assert.equal(draw.mock.callCount(), 4)
  mock.restoreAll()
})

test("a part that comes while news wait to be drawn is drawn once", () => {
  runs += 1
  const stream = streamOf(`/api/runs/${runs}/live`)
  const [status, chart] = [mock.fn(), mock.fn()]
  stream.listen("status", status)
  stream.know(known(2))
  stream.listen("chart", chart)
  clock.pass(200)
  assert.equal(chart.mock.callCount(), 1)
  assert.equal(status.mock.callCount(), 2) // with nothing, and with what the page knew
  stream.changed()
  clock.pass(200)
  assert.equal(chart.mock.callCount(), 2)
})

import assert from "node:assert/strict"
import { beforeEach, mock, test } from "node:test"

import { Element, settled } from "../../../../tests/browser/elements.mjs"
import { Library, loadScript } from "./library.mjs"

const FAILED = ["The chart library could not be loaded. The page goes on trying.", "Try again"]
const PLOTLY = /** @type {any} */ ({})

/** @type {{ call: () => void, wait: number }[]} */
let timers = []

beforeEach(() => {
  timers = []
  Object.assign(globalThis, {
    document: { createElement: () => new Element() },
    setTimeout: (/** @type {() => void} */ call, /** @type {number} */ wait) =>
      timers.push({ call, wait }),
    clearTimeout: () => {},
  })
})

/**
 * A library whose first loads fail.
 * @param {number} failures
 */
function broken(failures) {
  /** @type {string[]} */
  const asked = []
  const load = mock.fn(async (/** @type {string} */ address) => {
    asked.push(address)
    if (load.mock.callCount() < failures) throw new Error("no connection")
    return PLOTLY
  })
  return { load, asked, library: new Library("/plotly.js", load) }
}

/** @returns {any} */
const place = () => new Element()

test("a load that failed is forgotten: it is tried again, later and later, then all is drawn", async () => {
  const { asked, library } = broken(7)
  const [one, other] = [place(), place()]
  const draws = [mock.fn(), mock.fn()]
  library.draw(one, draws[0])
  library.draw(other, draws[1])
  for (const wait of [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]) {
    await settled()
    assert.deepEqual([one.said, other.said], [FAILED, FAILED])
    const timer = timers.pop()
    assert.equal(timer?.wait, wait)
    timer?.call()
  }
  await settled()
  assert.deepEqual(draws.map((draw) => draw.mock.calls.map((call) => call.arguments)),
    [[[PLOTLY]], [[PLOTLY]]])
  assert.deepEqual([one.children, other.children, timers], [[], [], []])
  assert.deepEqual(asked.slice(0, 3), ["/plotly.js", "/plotly.js?try=1", "/plotly.js?try=2"])
})

test("the button tries at once, for all charts of the page", async () => {
  const { load, library } = broken(1)
  const [one, other] = [place(), place()]
  const draws = [mock.fn(), mock.fn()]
  library.draw(one, draws[0])
  library.draw(other, draws[1])
  await settled()
  one.button.click()
  assert.equal(one.said[0], "The chart library is asked for again ...")
  one.button.click() // one load is enough
  await settled()
  assert.equal(load.mock.callCount(), 2)
  assert.deepEqual(draws.map((draw) => draw.mock.callCount()), [1, 1])
})

test("a chart whose data change meanwhile asks no more often, and its last data are drawn", async () => {
  const { load, library } = broken(1)
  const where = place()
  const [older, newer] = [mock.fn(), mock.fn()]
  library.draw(where, older)
  await settled()
  for (let change = 0; change < 5; change += 1) library.draw(where, newer)
  assert.equal(load.mock.callCount(), 1)
  assert.deepEqual(where.said, FAILED)
  timers[0].call()
  await settled()
  assert.deepEqual([older.mock.callCount(), newer.mock.callCount()], [0, 1])
})

test("where no chart waits any more, nothing is tried", async () => {
  const { library } = broken(1)
  const where = place()
  library.draw(where, () => {})
  where.isConnected = false
  await settled()
  assert.deepEqual(timers, [])
})

test("a chart that can't be drawn says so in its place, and can be tried again", async () => {
  const { library } = broken(0)
  const where = place()
  const error = mock.method(console, "error", () => {})
  const draw = mock.fn(async () => {
    if (draw.mock.callCount() < 1) throw new Error("no such trace")
  })
  library.draw(where, draw)
  await settled()
  await settled()
  assert.deepEqual(where.said, ["This chart could not be drawn.", "Try again"])
  where.button.click()
  await settled()
  await settled()
  assert.deepEqual([draw.mock.callCount(), where.children], [2, []])
  assert.equal(error.mock.callCount(), 1)
  error.mock.restore()
})

test("a library that the page brings is taken; where it doesn't come, it is asked for", async () => {
  const early = new EventTarget()
  /** @type {any[]} */
  const added = []
  Object.assign(globalThis, {
    document: {
      querySelector: () => early,
      createElement: () => ({ remove: () => {} }),
      head: { append: (/** @type {any} */ script) => added.push(script) },
    },
  })
  const brought = loadScript("/plotly.js")
  Object.assign(globalThis, { Plotly: PLOTLY })
  early.dispatchEvent(new Event("load"))
  assert.equal(await brought, PLOTLY)
  assert.equal(await loadScript("/plotly.js"), PLOTLY)
  assert.equal(added.length, 0)

  Object.assign(globalThis, { Plotly: undefined })
  const asked = loadScript("/plotly.js")
  assert.equal(timers.at(-1)?.wait, 3000)
  timers.at(-1)?.call()
  await settled()
  assert.deepEqual(added.map((script) => script.src), ["/plotly.js"])
  Object.assign(globalThis, { Plotly: PLOTLY })
  added[0].onload()
  assert.equal(await asked, PLOTLY)
  Object.assign(globalThis, { Plotly: undefined })
})

import assert from "node:assert/strict"
import { beforeEach, test } from "node:test"

import { Element, settled } from "../../../../tests/browser/elements.mjs"
import load from "./loader.mjs"

/** @type {{ drawn: number[], left: number[] }} */
const told = { drawn: [], left: [] }
const MODULE = "data:text/javascript," + encodeURIComponent(`export default ({ data }) => {
  told.drawn.push(data.call)
  return () => told.left.push(data.call)
}`)

Object.assign(globalThis, { told, document: {
  baseURI: "http://here/runs", createElement: () => new Element(),
} })

beforeEach(() => Object.assign(told, { drawn: [], left: [] }))

/**
 * What Streamlit gives a component.
 * @param {object} place
 * @param {number} call
 */
const component = (place, call, module = MODULE) =>
  /** @type {any} */ ({ parentElement: place, data: [{ module, call }] })

test("a component is drawn, and leaves the page", async () => {
  const leave = await load(component({}, 1))
  assert.deepEqual(told, { drawn: [1], left: [] })
  leave?.()
  assert.deepEqual(told.left, [1])
})

test("a call that a newer one overtook while its module came draws nothing", async () => {
  const place = {}
  const [older, newer] = await Promise.all([load(component(place, 1)), load(component(place, 2))])
  assert.deepEqual(told.drawn, [2])
  older?.()
  assert.deepEqual(told.left, [])
  newer?.()
  assert.deepEqual(told.left, [2])
})

test("an older call takes nothing away that a newer one drew", async () => {
  const place = {}
  const older = await load(component(place, 1))
  const newer = await load(component(place, 2))
  older?.()
  assert.deepEqual(told, { drawn: [1, 2], left: [] })
  newer?.()
  assert.deepEqual(told.left, [2])
})

test("two places don't disturb each other", async () => {
  await Promise.all([load(component({}, 1)), load(component({}, 2))])
  assert.deepEqual(told.drawn.sort(), [1, 2])
})

/** @param {() => boolean} isSo */
async function until(isSo) {
  while (!isSo()) await settled()
}

test("a module that doesn't come is said in its place and asked for again", async () => {
  /** @type {(() => void)[]} */
  const waiting = []
  Object.assign(globalThis, {
    isThere: false, setTimeout: (/** @type {() => void} */ call) => waiting.push(call),
  })
  const place = new Element()
  const flaky = "data:text/javascript," + encodeURIComponent(`
    if (!isThere) throw new Error("away")
    export default ({ data }) => { told.drawn.push(data.call) }`)
  const drawn = load(component(place, 1, flaky))
  await until(() => place.children.length === 1)
  assert.match(place.said[0], /could not be loaded/)
  assert.equal(place.said[1], "Try again")
  place.button.click()
  await until(() => waiting.length === 2) // tried at once, and still not there
  assert.equal(place.children.length, 1)
  Object.assign(globalThis, { isThere: true })
  waiting[1]()
  await drawn
  assert.deepEqual([told.drawn, place.children], [[1], []])
})

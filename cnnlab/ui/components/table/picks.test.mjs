import assert from "node:assert/strict"
import { test } from "node:test"
import { Element } from "../../../../tests/browser/elements.mjs"
import { Picks } from "./picks.mjs"

const made = () => Object.assign(new Element(), { closest: () => null })
globalThis.document = /** @type {any} */ ({ createElement: made })

/** @param {string} ids a letter each */
const rows = (ids) => /** @type {any} */ ([...ids].map((id) => ({ id, cells: [{ text: `${id}.png` }] })))

/**
 * @param {string} ids
 * @param {string[]} held
 */
function drawn(ids, held = []) {
  /** @type {string[][]} */
  const told = []
  const picks = new Picks((chosen) => told.push(chosen))
  rows(ids).forEach((/** @type {unknown} */ _, /** @type {number} */ at) => picks.cell(at))
  picks.paint(rows(ids), held)
  const press = (/** @type {number} */ at, /** @type {boolean} */ isOn) => {
    picks.boxes[at].checked = isOn
    picks.boxes[at].onchange?.(/** @type {any} */ ({}))
  }
  return { picks, told, press }
}

test("what is ticked is told, also once the rows stand in another order", () => {
  const { picks, told, press } = drawn("abc")
  press(1, true)
  assert.deepEqual(told, [["b"]])
  assert.equal(picks.boxes[1].getAttribute("aria-label"), "Select b.png")
  picks.paint(rows("cba"), [])
  assert.deepEqual(picks.boxes.map(({ checked }) => checked), [false, true, false])
  press(0, true)
  assert.deepEqual(told.at(-1), ["c", "b"])
  assert.ok(picks.all.indeterminate)
})

test("all that are shown are ticked at once, and what the page holds is ticked in a new table", () => {
  const { picks, told } = drawn("abc", ["c"])
  assert.deepEqual(picks.boxes.map(({ checked }) => checked), [false, false, true])
  picks.all.checked = true
  picks.all.onchange?.(/** @type {any} */ ({}))
  assert.deepEqual(told, [["a", "b", "c"]])
  assert.ok(picks.all.checked && !picks.all.indeterminate)
})

import assert from "node:assert/strict"
import { test } from "node:test"

import { markedPart, merged, narrowed } from "./figure.mjs"

test("a figure says what it wants, the theme says the rest", () => {
  const theme = { font: { size: 13, color: "black" }, xaxis: { gridcolor: "grey" } }
  const figure = { font: { size: 9 }, xaxis: { range: [0, 1] }, shapes: [1] }
  assert.deepEqual(merged(theme, figure), {
    font: { size: 9, color: "black" }, xaxis: { gridcolor: "grey", range: [0, 1] }, shapes: [1],
  })
  assert.deepEqual(merged({ margin: [1, 2] }, { margin: [3] }), { margin: [3] })
  assert.equal(merged({ title: { text: "x" } }, { title: null }).title, null)
})

test("without room beside them, the names of curves go into a legend", () => {
  const { data, layout } = narrowed({
    data: [{ name: "a", mode: "lines" }, { name: "b", mode: "lines+markers" }, { name: "band" }],
    layout: { margin: { l: 8, r: 120 }, annotations: ["a"] },
  })
  assert.deepEqual(data.map((trace) => Boolean(trace.showlegend)), [true, true, false])
  assert.deepEqual(layout.margin, { l: 8, r: 8 })
  assert.deepEqual(layout.annotations, [])
})

test("a marked part is told from low to high, and no part where a single point was clicked", () => {
  assert.deepEqual(markedPart({ range: { x: [3, 1], y: [-1, 2] } }), { x: [1, 3], y: [-1, 2] })
  assert.equal(markedPart(undefined), null)
  assert.equal(markedPart({}), null)
})

import assert from "node:assert/strict"
import { test } from "node:test"

import { lined, markedPart, merged, narrowed, wrapped } from "./figure.mjs"

test("a figure says what it wants, the theme says the rest", () => {
  const theme = { font: { size: 13, color: "black" }, xaxis: { gridcolor: "grey" } }
  const figure = { font: { size: 9 }, xaxis: { range: [0, 1] }, shapes: [1] }
  assert.deepEqual(merged(theme, figure), {
    font: { size: 9, color: "black" }, xaxis: { gridcolor: "grey", range: [0, 1] }, shapes: [1],
  })
  assert.deepEqual(merged({ margin: [1, 2] }, { margin: [3] }), { margin: [3] })
  assert.equal(merged({ title: { text: "x" } }, { title: null }).title, null)
})

test("without room beside them, curves go without their names", () => {
  const { layout } = narrowed({
    data: [{ name: "a", mode: "lines" }], layout: { margin: { l: 8, r: 120 }, annotations: ["a"] },
  })
  assert.deepEqual(layout.margin, { l: 8, r: 8 })
  assert.deepEqual(layout.annotations, [])
})

test("on a phone a title longer than the chart takes several lines, and so do labels beside it", () => {
  const axis = { tickvals: [0], ticktext: ["label smoothing 0.1 and dropout 0.5"] }
  const layout = { xaxis: { title: { text: "difference (points)" }, range: [0, 1] }, yaxis: axis }
  const narrow = wrapped(layout, 240, 130)
  assert.deepEqual(narrow.yaxis, { tickvals: [0], ticktext: ["label smoothing<br>0.1 and dropout<br>0.5"] })
  assert.deepEqual(narrow.xaxis, { title: { text: "difference<br>(points)" }, range: [0, 1] })
  assert.equal(wrapped(layout, 350, 130).xaxis.title.text, "difference (points)")
  assert.deepEqual(wrapped({ xaxis: {}, yaxis: {} }, 240, 130), { xaxis: {}, yaxis: {} })
  assert.deepEqual(wrapped(layout, 240, 40).yaxis, axis, "no room for more than one")
  assert.equal(lined("incomprehensibilities of it", 5), "incomprehensibilities<br>of it")
})

test("a marked part is told from low to high, and no part where a single point was clicked", () => {
  assert.deepEqual(markedPart({ range: { x: [3, 1], y: [-1, 2] } }), { x: [1, 3], y: [-1, 2] })
  assert.equal(markedPart(undefined), null)
  assert.equal(markedPart({}), null)
})

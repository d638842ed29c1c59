import assert from "node:assert/strict"
import { test } from "node:test"

import { layoutOf } from "./report.mjs"

const HEIGHT = 360

const CHART = {
  data: [{}, {}], of_traces: [0, 1], of_labels: [0, 1],
  layout: {
    margin: { l: 40, r: 120 }, yaxis: { range: [0, 1] }, xaxis: { title: "epoch" },
    annotations: [{ x: 1, y: 0.2 }, { x: 1, y: 0.8 }],
  },
}
const THEME = { xaxis: { color: "grey" }, yaxis: { color: "grey" } }

test("an arm that is switched off loses its label", () => {
  const size = { width: 900, height: HEIGHT }
  const layout = layoutOf(CHART, THEME, size, new Set([0]), false)
  assert.deepEqual(layout.annotations.map((/** @type {{ y: number }} */ { y }) => y), [0.8])
  assert.deepEqual(layout.xaxis, { color: "grey", title: "epoch" })
  assert.equal(layout.dragmode, "zoom")
})

test("on a phone the curves take the room of their labels, and a finger moves the page", () => {
  const size = { width: 400, height: HEIGHT }
  const layout = layoutOf(CHART, THEME, size, new Set(), true)
  assert.deepEqual(layout.annotations, [])
  assert.deepEqual(layout.margin, { l: 40, r: 40 })
  assert.equal(layout.dragmode, false)
})

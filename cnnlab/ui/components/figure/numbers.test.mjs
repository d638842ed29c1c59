import assert from "node:assert/strict"
import { test } from "node:test"

import { numbersOf } from "./numbers.mjs"

test("the numbers behind curves are their points, without bands, single seeds and holes", () => {
  const data = [
    { name: "a &lt;b&gt;", x: [1, 2, 3], y: [0.123456789, null, 1] },
    { x: [1, 2], y: [0.5, 0.6] },
    { name: "band", fill: "toself", x: [1, 2], y: [0, 1] },
  ]
  const layout = { xaxis: { title: { text: "epoch" } }, yaxis: {} }
  assert.deepEqual(numbersOf({ data, layout }), {
    head: ["Of", "epoch", "value"],
    rows: [["a <b>", "1", "0.12346"], ["a <b>", "3", "1"]],
    isThinned: false,
  })
})

test("of a long curve some points are told, the last one always", () => {
  const x = Array.from({ length: 1000 }, (_, place) => place)
  const { rows, isThinned } = numbersOf({ data: [{ name: "a", x, y: x }], layout: {} })
  assert.ok(isThinned && rows.length <= 62)
  assert.deepEqual(rows.at(-1), ["a", "999", "999"])
})

test("each cell of a matrix is told with its column and row", () => {
  const data = [{ type: "heatmap", x: ["cat", "dog"], y: ["cat"], z: [[3, 1]] }]
  assert.deepEqual(numbersOf({ data, layout: {} }).rows, [["", "cat, cat", "3"], ["", "dog, cat", "1"]])
})

import assert from "node:assert/strict"
import { test } from "node:test"

import { numbersOf } from "./numbers.mjs"

test("the numbers behind curves are their points, without bands, single seeds and holes", () => {
  const data = [
    { name: "a &lt;b&gt;", x: [1, 2, 3], y: [0.123456789, null, 1] },
    { x: [1, 2], y: [0.5, 0.6] },
    { name: "band", fill: "toself", x: [1, 2], y: [0, 1] },
    { name: "clean", fill: "tonexty", x: [1], y: [0.5] },
  ]
  const layout = { xaxis: { title: { text: "epoch" } }, yaxis: {} }
  assert.deepEqual(numbersOf({ data, layout }), {
    head: ["Of", "epoch", "value"],
    rows: [["a <b>", "1", "0.12346"], ["a <b>", "3", "1"], ["clean", "1", "0.5"]],
    isThinned: false,
  })
})

test("of a long curve some points are told, the last one always", () => {
  const x = Array.from({ length: 1000 }, (_, place) => place)
  const { rows, isThinned } = numbersOf({ data: [{ name: "a", x, y: x }], layout: {} })
  assert.ok(isThinned && rows.length <= 62)
  assert.deepEqual(rows.at(-1), ["a", "999", "999"])
})

test("a difference is told with the ends of its interval and the name of its row", () => {
  const error_x = { visible: true, array: [0.5], arrayminus: [1] }
  const data = [
    { name: "dropout", x: [2], y: [-0.1], error_x },
    { name: "dropout, other images", x: [2], y: [0.2], error_x: { visible: false } },
  ]
  const layout = { xaxis: { title: { text: "difference" } }, yaxis: { tickvals: [0], ticktext: ["dropout"] } }
  assert.deepEqual(numbersOf({ data, layout }), {
    head: ["Of", "difference", "value", "from", "to"],
    rows: [["dropout", "2", "dropout", "1", "2.5"], ["dropout, other images", "2", "dropout"]],
    isThinned: false,
  })
})

test("between two words of an axis lie places of its own", () => {
  const x = [-0.4, 0, 0.1, 0.6, 1]
  const layout = { xaxis: { tickvals: [0, 1], ticktext: ["reference", "arm"] }, yaxis: {} }
  const { rows } = numbersOf({ data: [{ name: "dropout", x, y: x.map(() => 0.3) }], layout })
  assert.deepEqual(rows.map(([, place]) => place), ["−0.4", "reference", "0.1", "0.6", "arm"])
})

test("each cell of a matrix is told with its column and row", () => {
  const data = [{ type: "heatmap", x: ["cat", "dog"], y: ["cat"], z: [[3, 1]] }]
  assert.deepEqual(numbersOf({ data, layout: {} }), {
    head: ["column", "row", "value"],
    rows: [["cat", "cat", "3"], ["dog", "cat", "1"]],
    isThinned: false,
  })
})

const classes = { tickvals: [0, 1], ticktext: ["cat", "a &lt;b&gt;"] }

test("a matrix without places of its own has the names of its axes, and says what its cells say", () => {
  const layout = {
    xaxis: { ...classes, title: { text: "predicted" } }, yaxis: { ...classes, title: { text: "true class" } },
  }
  const matrix = { type: "heatmap", z: [[0.75, 0.25], [0, 1]], text: [[3, 1], ["", 5]],
    colorbar: { title: { text: "images" } } }
  assert.deepEqual(numbersOf({ data: [matrix], layout }), {
    head: ["predicted", "true class", "images"],
    rows: [["cat", "cat", "3"], ["a <b>", "cat", "1"], ["cat", "a <b>", "0"], ["a <b>", "a <b>", "5"]],
    isThinned: false,
  })
})

test("of several matrices each is named, on its own axes, and lines over it say nothing of their own", () => {
  const layout = { xaxis: {}, xaxis2: { tickvals: [-1], ticktext: ["left"] } }
  const data = [
    { name: "plain", x: [-1], y: [1], z: [[2]] },
    { name: "strong", xaxis: "x2", x: [-1], y: [1], z: [[3]] },
    { xaxis: "x2", x: [-1], y: [1], z: [[3]], hoverinfo: "skip" },
  ]
  assert.deepEqual(numbersOf({ data, layout }), {
    head: ["Of", "column", "row", "value"],
    rows: [["plain", "−1", "1", "2"], ["strong", "left", "1", "3"]],
    isThinned: false,
  })
})

test("bars that lie have the names of their classes, and what they count under its own head", () => {
  const data = [{ type: "bar", orientation: "h", x: [2, 5], y: [0, 1] }]
  const layout = { xaxis: { title: { text: "images" } }, yaxis: classes }
  assert.deepEqual(numbersOf({ data, layout }), {
    head: ["Of", "images", "at"], rows: [["", "2", "cat"], ["", "5", "a <b>"]], isThinned: false,
  })
})

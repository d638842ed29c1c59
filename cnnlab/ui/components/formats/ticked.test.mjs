import assert from "node:assert/strict"
import { test } from "node:test"
import { isReady, isTickable, possible } from "./ticked.mjs"

/**
 * @param {string} name
 * @param {import("../shared/records.d.ts").FormatRow["stage"]} stage
 * @param {number} [bytes]
 */
function row(name, stage, bytes = 0) {
  return { name, stage, bytes, title: name, purpose: "", group: "", words: "", agreement: "",
    accuracy: "", milliseconds: "", memory: "", needs: "" }
}

const ROWS = [row("keras", "verified", 2048), row("coreml", "unverified", 1024), row("onnx", "none"),
  row("int8", "refused"), row("litert", "under_way"), row("openvino", "blocked")]

test("what is ready is downloaded, verified or not", () => {
  const can = possible(ROWS, new Set(["keras", "coreml"]))
  assert.deepEqual([can.prepare, can.download], [[], ["keras", "coreml"]])
  assert.equal(can.words, "2 chosen: 2 ready, 3\u00a0KiB. 1 more under way")
  assert.deepEqual(ROWS.filter(isReady).map((each) => each.name), ["keras", "coreml"])
})

test("nothing is downloaded before all that is chosen is ready", () => {
  const can = possible(ROWS, new Set(["keras", "onnx", "int8", "litert"]))
  assert.deepEqual(can.prepare, ["onnx", "int8"])
  assert.deepEqual([can.download, can.cancel], [[], ["litert"]])
  assert.equal(can.words, "4 chosen: 1 ready, 2\u00a0KiB; 1 under way; 2 to be prepared")
})

test("what is under way is told and can be cancelled whatever is ticked, as after a reload", () => {
  const none = possible(ROWS, new Set())
  assert.deepEqual([none.cancel, none.words], [["litert"], "1 under way"])
  const can = possible(ROWS, new Set(["keras"]))
  assert.deepEqual([can.download, can.cancel], [["keras"], ["litert"]])
  assert.equal(can.words, "1 chosen: 1 ready, 2\u00a0KiB. 1 more under way")
})

test("what needs packages can't be chosen", () => {
  assert.equal(isTickable(ROWS[5]), false)
  const can = possible(ROWS.filter((each) => each.name !== "litert"), new Set(["openvino"]))
  assert.deepEqual([can.prepare, can.download, can.cancel], [[], [], []])
  assert.match(can.words, /^Tick formats/)
})

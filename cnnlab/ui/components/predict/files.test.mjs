import assert from "node:assert/strict"
import { test } from "node:test"

import { sorted } from "./files.mjs"

const LIMITS = { most_bytes: 10, many: true }

/**
 * @param {string} path
 * @param {number} size
 */
const entry = (path, size = 5) => ({ path, file: new Blob(["x".repeat(size)]) })

test("one file is a picture, whatever it is called: what it is, the server says", () => {
  for (const name of ["a.png", "photo.JPEG", "notes.txt", "none"])
    assert.ok("picture" in sorted([entry(name)], LIMITS))
})

test("several files, or an archive, make a table where there are tables", () => {
  for (const entries of [[entry("a.png"), entry("b.png")], [entry("a.zip")], [entry("b.tar.gz", 99)]]) {
    assert.deepEqual(sorted(entries, LIMITS), { many: entries })
    assert.match(JSON.stringify(sorted(entries, { ...LIMITS, many: false })), /whole page/)
  }
})

test("what can't be a picture is said before it is sent", () => {
  assert.deepEqual(sorted([entry("a.png", 0)], LIMITS),
    { name: "a.png", problem: "a.png is empty (0 bytes): choose another picture." })
  assert.deepEqual(sorted([entry("a.png", 11)], LIMITS),
    { name: "a.png",
      problem: "a.png has 11\u00a0bytes, the limit for a picture is 10\u00a0bytes: make it smaller." })
  assert.match(JSON.stringify(sorted([], LIMITS)), /no file/)
})

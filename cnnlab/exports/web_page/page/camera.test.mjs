import assert from "node:assert/strict"
import { test } from "node:test"
import { whyNot } from "./camera.mjs"

test("why there is no camera is said with what to do instead", () => {
  for (const called of ["NotAllowedError", "SecurityError", "NotFoundError", "OverconstrainedError"])
    assert.match(whyNot(new DOMException("", called)), /choose (it|a picture) instead/)
  assert.match(whyNot(new DOMException("", "NotAllowedError")), /wasn't allowed.*opened from disk/)
  assert.match(whyNot(new DOMException("", "NotReadableError")), /Another program/)
  assert.match(whyNot(new Error("no camera")), /no camera/)
})

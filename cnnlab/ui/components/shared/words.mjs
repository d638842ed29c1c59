// Made by tests/browser/generated.py from the program's Python: change it there.

/** Where a run stands, in words.
 * @type {Record<string, string>}
 */
export const STATUS_WORDS = {
  "queued": "Queued",
  "running": "Running",
  "finished": "Finished",
  "stopped": "Stopped",
  "failed": "Failed",
  "interrupted": "Interrupted"
}

/** After these nothing happens to a run by itself; interrupted, it starts again. */
export const ENDED = new Set([
  "finished",
  "stopped",
  "failed"
])

/** More points of a curve than these aren't sent and aren't drawn. */
export const MOST_POINTS = 2000

// What was before, so that it can be taken back, and done again.

const MOST_STEPS = 100
const TOGETHER_MS = 1000

/** @template State */
export class History {
  /** @type {State[]} */
  past = []
  /** @type {State[]} */
  future = []
  /** What the last change was of: several of the same field in a row are one step. */
  last = { what: "", at: -Infinity }

  /**
   * Note what was, before it is changed.
   * @param {State} state
   * @param {string} what of which field; empty text is a step of its own
   * @param {number} now ms
   */
  note(state, what = "", now = performance.now()) {
    const isSame = what && what === this.last.what && now - this.last.at < TOGETHER_MS
    this.last = { what, at: now }
    if (isSame) return
    this.past = [...this.past, state].slice(-MOST_STEPS)
    this.future = []
  }

  /**
   * The state before; nothing if there is none.
   * @param {State} present
   */
  undo(present) {
    const state = this.past.pop()
    if (state !== undefined) this.future.push(present)
    this.last = { what: "", at: -Infinity }
    return state
  }

  /**
   * The state that was taken back; nothing if there is none.
   * @param {State} present
   */
  redo(present) {
    const state = this.future.pop()
    if (state !== undefined) this.past.push(present)
    return state
  }
}

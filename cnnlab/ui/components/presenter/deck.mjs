// The order of the slides, which are hidden, and the notes: changed here, kept by the server.

/**
 * @typedef {import("../shared/records.d.ts").SlideChoice} Choice
 * @typedef {import("../shared/records.d.ts").Story} Story
 */

const SAVE_AFTER_MS = 600

/**
 * Whether a story has anything to show on a slide yet.
 * @param {Partial<Story>} story
 * @param {string} slide
 */
export function isThere(story, slide) {
  return Boolean(/** @type {Record<string, unknown>} */ (story)[slide])
}

/**
 * The slides to be shown, in order.
 * @param {Choice[]} choices
 * @param {Partial<Story>} story
 */
export function shownOf(choices, story) {
  return choices.filter((each) => !each.is_hidden && isThere(story, each.slide))
    .map((each) => each.slide)
}

/**
 * The same with one slide moved by so many places, as far as there are any.
 * @param {Choice[]} choices
 * @param {string} slide
 * @param {number} by
 */
export function moved(choices, slide, by) {
  const from = choices.findIndex((each) => each.slide === slide)
  const to = Math.min(choices.length - 1, Math.max(0, from + by))
  const others = choices.filter((each) => each.slide !== slide)
  return [...others.slice(0, to), choices[from], ...others.slice(to)]
}

/**
 * The same with something of one slide changed.
 * @param {Choice[]} choices
 * @param {string} slide
 * @param {Partial<Choice>} change
 */
export function changed(choices, slide, change) {
  return choices.map((each) => (each.slide === slide ? { ...each, ...change } : each))
}

/** A study's deck: what is changed here is sent a moment later. */
export class Deck {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  #isSending = false
  #isDirty = false
  /** @type {(words: string, isWrong: boolean) => void} */
  onSaved = () => {}

  /**
   * @param {Choice[]} choices
   * @param {string} address
   * @param {string} token
   */
  constructor(choices, address, token) {
    this.choices = choices
    this.address = address
    this.token = token
  }

  /**
   * What the server has, unless something was changed here that it doesn't know yet.
   * @param {Choice[]} choices
   * @returns {boolean} whether it was taken over
   */
  take(choices) {
    if (this.#isDirty || this.#isSending) return false
    this.choices = choices
    return true
  }

  /** @param {Choice[]} choices */
  change(choices) {
    this.choices = choices
    this.#isDirty = true
    this.onSaved("", false)
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.save(), SAVE_AFTER_MS)
  }

  /** Send what was changed, now; also where the page is about to be closed. */
  async save() {
    clearTimeout(this.#timer)
    if (!this.#isDirty || this.#isSending) return
    this.#isSending = true
    this.#isDirty = false
    const problem = await this.#send()
    this.#isSending = false
    if (problem) {
      this.#isDirty = true
      this.onSaved(`Not saved: ${problem}`, true)
    } else if (this.#isDirty) this.save()
    else this.onSaved("Saved", false)
  }

  /** @returns {Promise<string>} what went wrong; empty for nothing */
  async #send() {
    try {
      const answer = await fetch(this.address, { method: "PUT", keepalive: true,
        body: JSON.stringify(this.choices), headers: { "X-Cnnlab-Token": this.token } })
      if (answer.ok) return ""
      const said = await answer.json().catch(() => ({}))
      return said.error ?? `the server answered ${answer.status}.`
    } catch {
      return "the server can't be reached."
    }
  }
}

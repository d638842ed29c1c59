// The layers as text: to take along, and to bring.

import { find } from "../shared/dom.mjs"

const MOST_CHARACTERS = 2 ** 20

/**
 * @typedef {import("./draft.mjs").Layer} Layer
 * @typedef {{ layers: () => Layer[], paste: (text: string) => void, close: () => void }} Calls
 */

/** The text of the list, which can be copied, and another one that is put in its place. */
export class JsonArea {
  said = 0

  /**
   * @param {HTMLElement} place
   * @param {Calls} calls
   */
  constructor(place, calls) {
    this.place = place
    this.calls = calls
    this.field = /** @type {HTMLTextAreaElement} */ (find(place, "textarea"))
    find(place, "[data-do=copy]").onclick = () => this.copy()
    find(place, "[data-do=paste]").onclick = () => this.paste()
    find(place, "[data-do=close]").onclick = () => calls.close()
  }

  /**
   * Open or close it.
   * @param {HTMLElement} button that does
   */
  toggle(button) {
    this.place.hidden = !this.place.hidden
    button.setAttribute("aria-expanded", String(!this.place.hidden))
    this.say("")
    if (this.place.hidden) return button.focus()
    this.field.value = JSON.stringify(this.calls.layers(), null, 1)
    this.field.focus()
  }

  async copy() {
    this.field.select()
    try {
      await navigator.clipboard.writeText(this.field.value)
      this.say("Copied.")
    } catch { // not allowed here, or by plain http
      this.say("Press Ctrl+C to copy what is selected.")
    }
  }

  paste() {
    if (!this.field.value.trim()) return this.say("Put the layers here first.", true)
    if (this.field.value.length > MOST_CHARACTERS) {
      return this.say(`A list of layers has at most ${MOST_CHARACTERS.toLocaleString("en")} characters.`, true)
    }
    this.calls.paste(this.field.value)
  }

  /**
   * What came of a paste, once.
   * @param {{ of: number, problem: string }} said
   */
  tell(said) {
    if (said.of === this.said) return
    this.said = said.of
    this.say(said.problem || "The network is that of the text now.", Boolean(said.problem))
  }

  /**
   * @param {string} words
   * @param {boolean} isRefusal
   */
  say(words, isRefusal = false) {
    const place = find(this.place, "[data-said]")
    place.setAttribute("role", "status")
    place.toggleAttribute("data-wrong", isRefusal)
    place.textContent = words
  }
}

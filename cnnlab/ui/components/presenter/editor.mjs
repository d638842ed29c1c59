// The view in which the slides are put in order, hidden and noted, by key, mouse or finger.

import { isTouched, make, pressable } from "../shared/dom.mjs"
import { changed, isThere, moved } from "./deck.mjs"

/**
 * @typedef {import("./deck.mjs").Deck} Deck
 * @typedef {import("../shared/records.d.ts").SlideChoice} Choice
 * @typedef {import("../shared/records.d.ts").Story} Story
 * @typedef {{ line: HTMLLIElement, number: HTMLElement, late: HTMLElement, hide: HTMLButtonElement,
 *   up: HTMLButtonElement, down: HTMLButtonElement, note: HTMLTextAreaElement }} Row
 */

const MOST_CHARACTERS = 4000
const HINT = "Drag a slide, or move it with its arrows or Alt and an arrow key. Notes are shown to you " +
  "alone: press N while you present."
const TOUCHED = "Drag a slide, or move it with its arrows. Notes are shown to you alone: " +
  "tap Notes while you present."

/** The list of all slides. */
export class Editor {
  /** @type {Map<string, Row>} by slide */
  #rows = new Map()
  #list = make("ol", "cnnlab-p-deck")
  #saved = make("span", "cnnlab-p-saved")
  onChange = () => {}
  onClose = () => {}
  /** @type {(slide: string) => void} */
  onOpen = () => {}

  /**
   * @param {HTMLElement} place
   * @param {Deck} deck
   * @param {string} reading address at which the slides are read
   */
  constructor(place, deck, reading) {
    this.place = place
    this.deck = deck
    this.#saved.setAttribute("role", "status")
    const again = pressable("Usual order", () => this.#inUsualOrder())
    const done = pressable("Done", () => this.onClose())
    done.className = "cnnlab-p-main"
    const head = make("div", "cnnlab-p-bar-of-editor", make("h1", "", "Arrange the slides"),
      this.#saved, again, done)
    place.replaceChildren(head, make("p", "cnnlab-p-note",
      isTouched() ? TOUCHED : HINT), this.#list, linkOf(reading))
    deck.onSaved = (words, isWrong) => {
      this.#saved.textContent = words
      this.#saved.dataset.wrong = String(isWrong)
    }
    this.usual = [...place.ownerDocument.querySelectorAll(".cnnlab-presenter section")]
      .map((section) => /** @type {HTMLElement} */ (section).dataset.slide ?? "")
  }

  get isOpen() {
    return !this.place.hidden
  }

  /**
   * @param {string} slide to begin at
   * @param {Story} story
   */
  open(slide, story) {
    this.place.hidden = false
    this.draw(story)
    const row = this.#rows.get(slide)
    row?.line.scrollIntoView({ block: "nearest" })
    row?.note.focus()
  }

  close() {
    this.place.hidden = true
    this.deck.save()
  }

  /**
   * Show the deck as it is; what somebody is writing stays.
   * @param {Story} story
   */
  draw(story) {
    this.story = story
    const { choices } = this.deck
    for (const choice of choices) if (!this.#rows.has(choice.slide)) this.#add(choice)
    for (const [place, choice] of choices.entries()) {
      const { line, number, late, hide, up, down, note } = this.#row(choice.slide)
      const there = this.#list.children[place] ?? null
      if (there !== line) this.#list.insertBefore(line, there)
      number.textContent = String(place + 1)
      late.textContent = isThere(story, choice.slide) ? "" : "shown once runs have brought something"
      line.dataset.hidden = String(choice.is_hidden)
      hide.setAttribute("aria-pressed", String(choice.is_hidden))
      hide.textContent = choice.is_hidden ? "Hidden" : "Hide"
      up.disabled = place === 0
      down.disabled = place === choices.length - 1
      if (note !== document.activeElement) note.value = choice.note
    }
  }

  /** @param {string} slide */
  #row(slide) {
    return /** @type {Row} */ (this.#rows.get(slide))
  }

  /** @param {Choice} choice */
  #add({ slide, title }) {
    const number = make("span", "cnnlab-p-number"), late = make("small", "")
    const name = pressable(title, () => this.onOpen(slide))
    name.title = "Show this slide"
    const up = pressable("↑", () => this.#move(slide, -1, up))
    const down = pressable("↓", () => this.#move(slide, 1, down))
    up.setAttribute("aria-label", `Move ${title} up`)
    down.setAttribute("aria-label", `Move ${title} down`)
    const hide = pressable("", () => this.#change(slide, { is_hidden: !this.#choice(slide).is_hidden }))
    hide.setAttribute("aria-label", `Hide ${title}`)
    const note = make("textarea", "")
    note.rows = 2
    note.maxLength = MOST_CHARACTERS
    note.placeholder = "Your notes"
    note.setAttribute("aria-label", `Your notes on ${title}`)
    note.oninput = () => this.#change(slide, { note: note.value })
    const grip = make("span", "cnnlab-p-grip", "⠿")
    grip.setAttribute("aria-hidden", "true")
    grip.title = "Drag"
    const line = make("li", "", grip, number, make("div", "cnnlab-p-title", name, late),
      make("div", "cnnlab-p-acts", up, down, hide), note)
    line.dataset.choice = slide
    line.onkeydown = (event) => {
      const by = { ArrowUp: -1, ArrowDown: 1 }[event.key]
      if (!event.altKey || !by || !(event.target instanceof HTMLElement)) return
      event.preventDefault()
      this.#move(slide, by, event.target)
    }
    grip.onpointerdown = (event) => this.#drag(event, slide, grip)
    this.#rows.set(slide, { line, number, late, hide, up, down, note })
  }

  /** @param {string} slide */
  #choice(slide) {
    return /** @type {Choice} */ (this.deck.choices.find((each) => each.slide === slide))
  }

  /**
   * @param {string} slide
   * @param {Partial<Choice>} change
   */
  #change(slide, change) {
    this.#put(changed(this.deck.choices, slide, change))
  }

  /** @param {Choice[]} choices */
  #put(choices) {
    this.deck.change(choices)
    if (this.story) this.draw(this.story)
    this.onChange()
  }

  /**
   * @param {string} slide
   * @param {number} by
   * @param {HTMLElement} focused what keeps the focus, which a moved element loses
   */
  #move(slide, by, focused) {
    this.#put(moved(this.deck.choices, slide, by))
    const row = this.#row(slide)
    const isEnd = focused instanceof HTMLButtonElement && focused.disabled
    if (isEnd) (by < 0 ? row.down : row.up).focus()
    else focused.focus()
    row.line.scrollIntoView({ block: "nearest" })
  }

  #inUsualOrder() {
    this.#put([...this.deck.choices].sort((one, other) =>
      this.usual.indexOf(one.slide) - this.usual.indexOf(other.slide)))
  }

  /**
   * The slide follows the pointer from row to row.
   * @param {PointerEvent} event
   * @param {string} slide
   * @param {HTMLElement} grip
   */
  #drag(event, slide, grip) {
    event.preventDefault()
    const { line } = this.#row(slide)
    line.dataset.dragged = "true"
    const move = (/** @type {PointerEvent} */ { clientY }) => {
      const before = line.previousElementSibling, after = line.nextElementSibling
      const passes = (/** @type {Element | null} */ other, /** @type {number} */ way) => {
        if (!other) return false
        const { top, height } = other.getBoundingClientRect()
        return way < 0 ? clientY < top + height / 2 : clientY > top + height / 2
      }
      if (passes(before, -1)) this.#put(moved(this.deck.choices, slide, -1))
      else if (passes(after, 1)) this.#put(moved(this.deck.choices, slide, 1))
    }
    const end = () => {
      delete line.dataset.dragged
      removeEventListener("pointermove", move)
      removeEventListener("pointerup", end)
      removeEventListener("pointercancel", end)
    }
    // A finger is captured by what it touched, and lost when that is moved.
    if (grip.hasPointerCapture(event.pointerId)) grip.releasePointerCapture(event.pointerId)
    addEventListener("pointermove", move)
    addEventListener("pointerup", end)
    addEventListener("pointercancel", end)
  }
}

/**
 * Where others read the slides.
 * @param {string} address
 */
function linkOf(address) {
  const link = make("a", "", address)
  link.href = address
  link.target = "_blank"
  link.rel = "noopener"
  const copy = pressable("Copy", async () => {
    await navigator.clipboard.writeText(address)
    copy.textContent = "Copied"
  })
  copy.hidden = !navigator.clipboard // only where the page came over a safe connection
  return make("div", "cnnlab-p-link", make("p", "", "To be read by others, without your notes and " +
    "what is hidden (left out there, not secret: who may open cnnlab can see them here):"), link, copy)
}

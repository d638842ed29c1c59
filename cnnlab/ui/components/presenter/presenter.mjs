// Presenter mode, and the same slides to be read. Streamlit calls this again whenever the data or the
// theme changes, and the function that it returns when the presenter leaves the page. What happens
// in the study comes by the feed.

import { find, isTouched, make, pressable, pressed, withoutKeys } from "../shared/dom.mjs"
import { Deck, isThere, shownOf } from "./deck.mjs"
import { Editor } from "./editor.mjs"
import { Expectations } from "./expectations.mjs"
import { Feed } from "./feed.mjs"
import { actionOf, fieldOf, keepWithin, swiped } from "./keys.mjs"
import { drawsOf } from "./drawing.mjs"
import { showProgress } from "./progress.mjs"
import { fitClasses } from "./slides/plain.mjs"

/**
 * @typedef {import("../shared/records.d.ts").Story} Story
 * @typedef {import("../shared/records.d.ts").StoryNews} News
 * @typedef {import("../shared/records.d.ts").PresenterData} Data
 */

const SCROLLED_SHARE = 0.3 // of the slide's height, by an arrow key

/**
 * The slide that an address asks for.
 * @param {string | null} asked its name, or, in links of an earlier version, its number from 1 on
 * @param {string[]} shown names in order
 * @returns {string} the first one where there is no such slide
 */
export function slideOf(asked, shown) {
  if (asked && shown.includes(asked)) return asked
  return shown[Math.min(shown.length, Math.max(1, Math.trunc(Number(asked) || 1))) - 1] ?? ""
}

/** The slides on the page. */
export class Presenter {
  story = /** @type {Story} */ ({})
  /** @type {string[]} the slides that are shown, in order */
  shown = []
  slide = ""
  wasLive = false // whether this visit has seen runs train
  onLeave = () => {}
  onShare = () => {}
  /** @type {import("./slides/replay.mjs").Replay | undefined} */
  replay
  #keys = (/** @type {KeyboardEvent} */ event) => this.onKey(event)
  #fits = () => this.fit()
  #hides = () => { if (document.hidden) this.deck.save() }

  /**
   * @param {HTMLElement} root
   * @param {Data} data
   */
  constructor(root, data) {
    this.root = root
    this.pictures = data.pictures
    this.isRead = data.is_read
    this.expected = new Expectations(data.news.story.study)
    this.deck = new Deck(data.news.deck ?? [], data.deck, data.token)
    const reading = new URL(location.pathname, location.origin)
    for (const [name, value] of Object.entries(data.reading)) reading.searchParams.set(name, value)
    this.editor = new Editor(find(root, ".cnnlab-p-editor"), this.deck, reading.href)
    this.feed = new Feed(data.feed, data.token, data.news.version, (news) => this.tell(news),
      (state) => this.showProgress(state))
    root.dataset.read = String(this.isRead)
    if (this.isRead) {
      root.setAttribute("aria-label", "A study in slides")
      for (const action of ["notes", "edit", "leave"]) this.#button(action).remove()
    }
    if (!data.can_share) this.#button("share").remove()
    withoutKeys(root)
    find(root, "[data-do=full]").hidden = !document.fullscreenEnabled
    this.tell(data.news)
    this.go(slideOf(new URLSearchParams(location.search).get("slide"), this.shown))
    this.listen()
    this.feed.start()
    root.focus({ preventScroll: true })
  }

  /** @param {string} name */
  section(name) {
    return find(this.root, `[data-slide=${name}]`)
  }

  /**
   * Take over what is new of the story: only the slides that it is on are drawn again, and nothing
   * that the room has answered or is watching is lost.
   * @param {News} news
   */
  tell({ story, deck }) {
    Object.assign(this.story, story)
    if (deck) this.deck.take(deck)
    const parts = Object.entries(drawsOf(this))
    const drawn = new Set("arms" in story ? parts.map(([name]) => name) : Object.keys(story))
    if ("progress" in story) drawn.add("curves")
    for (const [name, drawPart] of parts)
      if (drawn.has(name) && isThere(this.story, name)) this.#redraw(name, drawPart)
    this.feed.isQuiet = this.story.progress.is_ended
    this.wasLive ||= !this.story.progress.is_ended
    if (this.editor.isOpen) this.editor.draw(this.story)
    find(this.root, ".cnnlab-p-name").textContent = this.story.question?.title ?? ""
    this.arrange()
    this.showProgress("fine")
  }

  /**
   * Draw a slide; the button of it that had the focus gets it back.
   * @param {string} name
   * @param {(section: HTMLElement) => void} drawPart
   */
  #redraw(name, drawPart) {
    const section = this.section(name), { activeElement } = document
    const buttons = () => [...section.querySelectorAll("button")]
    const focused = buttons().findIndex((button) => button === activeElement)
    drawPart(section)
    if (focused >= 0) buttons()[focused]?.focus()
  }

  /** Put the slides in order; the one of the moment stays as long as it is there. */
  arrange() {
    const shown = shownOf(this.deck.choices, this.story)
    if (String(shown) !== String(this.shown)) {
      const before = this.shown.indexOf(this.slide)
      this.shown = shown
      find(this.root, "nav").replaceChildren(...shown.map((name, index) => {
        const dot = pressable("", () => this.go(name))
        dot.title = this.titleOf(name)
        dot.setAttribute("aria-label", `${index + 1}: ${dot.title}`)
        return dot
      }))
      const near = shown[Math.min(Math.max(0, before), shown.length - 1)] ?? ""
      if (!shown.includes(this.slide)) this.slide = near
    }
    this.show()
  }

  /** @param {string} name */
  titleOf(name) {
    return this.section(name).getAttribute("aria-label") ?? ""
  }

  /** @param {string} name of a slide; where it isn't shown, nothing happens */
  go(name) {
    if (!this.shown.includes(name) || name === this.slide) return
    this.slide = name
    this.replay?.pause()
    this.replay?.show()
    this.show()
    this.#say(`Slide ${this.shown.indexOf(name) + 1} of ${this.shown.length}: ${this.titleOf(name)}`)
    // The address follows without a rerun, so that a reload or a sent link opens the same slide.
    const address = new URL(location.href)
    address.searchParams.set("slide", name)
    history.replaceState(history.state, "", address)
  }

  /** @param {number} by so many slides on; where there is none, nothing happens */
  step(by) {
    this.go(this.shown[this.shown.indexOf(this.slide) + by] ?? "")
  }

  show() {
    const at = this.shown.indexOf(this.slide)
    for (const section of this.root.querySelectorAll("section"))
      section.hidden = section.dataset.slide !== this.slide
    for (const [index, dot] of [...find(this.root, "nav").children].entries()) {
      if (index === at) dot.setAttribute("aria-current", "step")
      else dot.removeAttribute("aria-current")
    }
    find(this.root, ".cnnlab-p-nothing").hidden = at >= 0
    // The question's own slide says it large.
    find(this.root, ".cnnlab-p-name").style.visibility = this.slide === "question" ? "hidden" : ""
    this.#button("back").disabled = at <= 0
    this.#button("next").disabled = at === this.shown.length - 1
    this.showNotes()
    this.fit()
  }

  /** As many columns as there is room for; what is too high for the window can be scrolled by key. */
  fit() {
    fitClasses(this.section("data"))
    for (const section of this.root.querySelectorAll("section")) {
      if (section.scrollHeight > section.clientHeight + 1) section.tabIndex = 0
      else section.removeAttribute("tabindex")
    }
  }

  showNotes() {
    const notes = this.root.querySelector(".cnnlab-p-notes")
    if (!(notes instanceof HTMLElement) || notes.hidden) return
    const note = this.deck.choices.find((each) => each.slide === this.slide)?.note
    notes.replaceChildren(make("p", note ? "" : "cnnlab-p-none",
      note || `No notes on this slide: ${isTouched() ? "tap Arrange" : "press E"} to write some.`))
  }

  /** @param {import("./feed.mjs").State} state of the connection */
  showProgress(state) {
    const place = find(this.root, ".cnnlab-p-live")
    const hasEnded = showProgress(place, this.story, {
      state, wasLive: this.wasLive,
      onVerdict: this.shown.includes("verdict") ? () => this.go("verdict") : undefined,
    })
    if (hasEnded) this.#say(place.textContent ?? "")
  }

  /** @param {string} words to those who don't see the slides */
  #say(words) {
    find(this.root, ".cnnlab-p-told").textContent = words
  }

  /** @param {string} action */
  #button(action) {
    return /** @type {HTMLButtonElement} */ (find(this.root, `[data-do=${action}]`))
  }

  leave() {
    if (document.fullscreenElement) document.exitFullscreen()
    this.deck.save()
    this.onLeave()
  }

  toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen()
    else document.documentElement.requestFullscreen()
  }

  toggleNotes() {
    const notes = find(this.root, ".cnnlab-p-notes")
    notes.hidden = !notes.hidden
    this.#button("notes").setAttribute("aria-pressed", String(!notes.hidden))
    this.show()
  }

  openEditor() {
    this.replay?.pause()
    this.editor.onChange = () => this.arrange()
    this.editor.onClose = () => this.closeEditor()
    this.editor.onOpen = (slide) => {
      this.closeEditor()
      this.go(slide)
    }
    this.editor.open(this.slide, this.story)
  }

  closeEditor() {
    this.editor.close()
    this.show()
    this.root.focus({ preventScroll: true })
  }

  /** @param {number} way */
  scroll(way) {
    const section = this.section(this.slide)
    section.scrollBy({ top: way * SCROLLED_SHARE * section.clientHeight })
  }

  /** @param {string} name */
  act(name) {
    /** @type {Record<string, () => void>} */
    const acts = {
      next: () => this.step(1), back: () => this.step(-1),
      first: () => this.go(this.shown[0]), last: () => this.go(this.shown.at(-1) ?? ""),
      up: () => this.scroll(-1), down: () => this.scroll(1),
      full: () => this.toggleFull(), leave: () => this.leave(), notes: () => this.toggleNotes(),
      edit: () => this.openEditor(), share: () => this.onShare(), play: () => this.replay?.playOrPause(),
      follow: () => this.replay?.follow(),
    }
    acts[name]()
  }

  /**
   * What else is over the page, such as a dialog, has its own keys.
   * @param {KeyboardEvent} event
   */
  isElsewhere({ target }) {
    return target instanceof Node && target !== document.body && !this.root.contains(target)
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    if (this.isElsewhere(event)) return
    if (event.key === "Tab") keepWithin(event, this.editor.isOpen ? this.editor.place : this.root)
    const isOther = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented
    if (isOther) return
    if (this.editor.isOpen) {
      if (event.key === "Escape") this.closeEditor()
      return
    }
    // A focused slider has its own keys, and Space presses a focused button.
    const isOwn = (fieldOf(event) && event.key !== "Escape") || (event.key === " " && pressed(event))
    const where = { isPlayable: this.slide === "curves", isRead: this.isRead }
    const name = isOwn ? undefined : actionOf(event.key, where)
    if (!name) return
    event.preventDefault()
    this.act(name)
  }

  listen() {
    const { root } = this
    document.addEventListener("keydown", this.#keys)
    document.addEventListener("visibilitychange", this.#hides)
    addEventListener("resize", this.#fits)
    root.onclick = (event) => {
      const button = pressed(event)
      if (button?.dataset.do) this.act(button.dataset.do)
      // After a click Space and the arrows belong to the slides again, not to the button.
      if (button && event.detail && !this.editor.isOpen) root.focus({ preventScroll: true })
    }
    root.onpointerup = (event) => {
      const field = fieldOf(event)
      if (field instanceof HTMLInputElement) field.blur()
    }
    /** @type {Touch | undefined} */
    let from
    root.ontouchstart = (event) => {
      const isMove = event.touches.length === 1 && !fieldOf(event) && !this.editor.isOpen
      from = isMove ? event.touches[0] : undefined
    }
    root.ontouchend = ({ changedTouches: [to] }) => {
      const way = from && swiped(to.clientX - from.clientX, to.clientY - from.clientY)
      if (way) this.act(way)
    }
  }

  remove() {
    document.removeEventListener("keydown", this.#keys)
    document.removeEventListener("visibilitychange", this.#hides)
    removeEventListener("resize", this.#fits)
    this.deck.save()
    this.feed.stop()
    this.replay?.remove()
  }
}

/** @type {WeakMap<HTMLElement, Presenter>} */
const shown = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw({ data, parentElement, setTriggerValue }) {
  const root = find(parentElement, ".cnnlab-presenter")
  const presenter = shown.get(root) ?? new Presenter(root, data)
  shown.set(root, presenter)
  presenter.onLeave = () => setTriggerValue("leave", true)
  presenter.onShare = () => setTriggerValue("share", true)
  return () => {
    presenter.remove()
    shown.delete(root)
  }
}

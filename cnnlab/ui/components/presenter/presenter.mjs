// Presenter mode. Streamlit calls this again whenever the data or the theme changes, and the
// function that it returns when the presenter leaves the page.

import { find, pressable, pressed } from "../shared/dom.mjs"
import { Expectations } from "./expectations.mjs"
import { Replay } from "./replay.mjs"
import { drawData, drawExpect, drawLimits, drawQuestion, drawVerdict, fitClasses } from "./slides.mjs"

/** @typedef {import("../shared/records.d.ts").Story} Story */

const SWIPE_PX = 60

/**
 * The slide that an address asks for.
 * @param {string | null} asked counted from 1; anything else is the first
 * @param {number} count of the slides
 * @returns {number} 0-based
 */
export function slideOf(asked, count) {
  return Math.min(count, Math.max(1, Math.trunc(Number(asked) || 1))) - 1
}

class Presenter {
  /** @type {Replay | undefined} */
  replay
  told = ""
  onLeave = () => {}
  #keys = (/** @type {KeyboardEvent} */ event) => this.onKey(event)
  #fits = () => fitClasses(this.section("data"))

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root
    this.sections = [...root.querySelectorAll("section")]
    this.slide = slideOf(new URLSearchParams(location.search).get("slide"), this.sections.length)
    this.dots = this.sections.map((section, index) => {
      const dot = pressable("", () => this.go(index))
      dot.title = section.getAttribute("aria-label") ?? ""
      dot.setAttribute("aria-label", `${index + 1}: ${dot.title}`)
      return dot
    })
    find(root, "nav").replaceChildren(...this.dots)
    find(root, "[data-do=full]").hidden = !document.fullscreenEnabled
    this.listen()
    root.focus({ preventScroll: true })
  }

  /** @param {string} name */
  section(name) {
    return find(this.root, `[data-slide=${name}]`)
  }

  /**
   * A study that still trains may bring other numbers; what the room has answered stays.
   * @param {Story} story
   * @param {import("../shared/records.d.ts").Pictures} pictures
   */
  tell(story, pictures) {
    const told = JSON.stringify([story, pictures])
    if (told === this.told) return
    this.told = told
    const expected = new Expectations(story.study)
    find(this.root, ".cnnlab-p-name").textContent = story.question.title
    drawQuestion(this.section("question"), story)
    drawData(this.section("data"), story, pictures)
    drawExpect(this.section("expect"), story, expected,
      () => drawVerdict(this.section("verdict"), story, expected))
    drawVerdict(this.section("verdict"), story, expected)
    drawLimits(this.section("limits"), story)
    this.replay?.remove()
    this.replay = new Replay(this.section("curves"), story)
    this.show()
  }

  /** @param {number} slide 0-based; where there is none, nothing happens */
  go(slide) {
    if (slide < 0 || slide >= this.sections.length || slide === this.slide) return
    this.slide = slide
    this.replay?.pause()
    this.replay?.show()
    this.show()
    // The address follows without a rerun, so that a reload or a sent link opens the same slide.
    const address = new URL(location.href)
    address.searchParams.set("slide", String(slide + 1))
    history.replaceState(history.state, "", address)
  }

  show() {
    this.sections.forEach((section, index) => { section.hidden = index !== this.slide })
    this.dots.forEach((dot, index) => {
      if (index === this.slide) dot.setAttribute("aria-current", "step")
      else dot.removeAttribute("aria-current")
    })
    const name = find(this.root, ".cnnlab-p-name")
    name.style.visibility = this.slide ? "" : "hidden" // the first slide says it large
    this.#button("back").disabled = this.slide === 0
    this.#button("next").disabled = this.slide === this.sections.length - 1
  }

  /** @param {string} action */
  #button(action) {
    return /** @type {HTMLButtonElement} */ (find(this.root, `[data-do=${action}]`))
  }

  leave() {
    if (document.fullscreenElement) document.exitFullscreen()
    this.onLeave()
  }

  toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen()
    else document.documentElement.requestFullscreen()
  }

  /** @param {string} name */
  act(name) {
    /** @type {Record<string, () => void>} */
    const acts = {
      next: () => this.go(this.slide + 1), back: () => this.go(this.slide - 1),
      full: () => this.toggleFull(), leave: () => this.leave(),
      play: () => this.replay?.playOrPause(),
    }
    acts[name]()
  }

  /** @param {KeyboardEvent} event */
  onKey(event) {
    const isPlayable = this.sections[this.slide].dataset.slide === "curves"
    // A focused slider has its own arrows, and Space presses a focused button.
    const isOther = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented ||
      (event.key === " " && pressed(event))
    const name = isOther ? undefined : actionOf(event.key, isPlayable)
    if (!name) return
    event.preventDefault()
    this.act(name)
  }

  listen() {
    const { root } = this
    document.addEventListener("keydown", this.#keys)
    addEventListener("resize", this.#fits)
    root.onclick = (event) => {
      const button = pressed(event)
      if (button?.dataset.do) this.act(button.dataset.do)
      // After a click Space and the arrows belong to the slides again, not to the button.
      if (button && event.detail) root.focus({ preventScroll: true })
    }
    root.onpointerup = (event) => sliderOf(event)?.blur()
    /** @type {Touch | undefined} */
    let from
    root.ontouchstart = (event) => {
      from = event.touches.length === 1 && !sliderOf(event) ? event.touches[0] : undefined
    }
    root.ontouchend = ({ changedTouches: [to] }) => {
      const way = from && swiped(to.clientX - from.clientX, to.clientY - from.clientY)
      if (way) this.act(way)
    }
  }

  remove() {
    document.removeEventListener("keydown", this.#keys)
    removeEventListener("resize", this.#fits)
    this.replay?.remove()
  }
}

/** @type {Record<string, string>} */
const KEYS = {
  ArrowRight: "next", PageDown: "next", ArrowLeft: "back", PageUp: "back", Escape: "leave",
  f: "full",
}

/**
 * What a key does.
 * @param {string} key
 * @param {boolean} isPlayable whether the slide has something to play
 * @returns {string | undefined}
 */
export function actionOf(key, isPlayable) {
  return key === " " ? (isPlayable ? "play" : undefined) : KEYS[key]
}

/**
 * Where a finger that moved so far leads: only a move to the side leads anywhere.
 * @param {number} x in px
 * @param {number} y in px
 */
export function swiped(x, y) {
  if (Math.abs(x) <= SWIPE_PX || Math.abs(x) <= 2 * Math.abs(y)) return undefined
  return x < 0 ? "next" : "back"
}

/**
 * The slider that an event met, if any.
 * @param {Event} event
 */
function sliderOf(event) {
  return event.target instanceof Element ? event.target.closest("input") : null
}

/** @type {WeakMap<HTMLElement, Presenter>} */
const shown = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<import("../shared/records.d.ts").PresenterData>} */
export default function draw({ data, parentElement, setTriggerValue }) {
  const root = find(parentElement, ".cnnlab-presenter")
  const presenter = shown.get(root) ?? new Presenter(root)
  shown.set(root, presenter)
  presenter.onLeave = () => setTriggerValue("leave", true)
  presenter.tell(data.story, data.pictures)
  return () => {
    presenter.remove()
    shown.delete(root)
  }
}

// Images as points: the one that is pointed at is shown beside them, a lasso selects some.

import { find, isTouched, make, pressable } from "../shared/dom.mjs"
import { Painter } from "./painting.mjs"
import { drawnOrder, keyOf, signOf, toldOf } from "./points.mjs"
import { enclosed, fitted, moved, nearest, zoomed } from "./view.mjs"

/**
 * @typedef {import("../shared/records.d.ts").CloudData} Data
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {import("./view.mjs").Point} Point
 * @typedef {"Point" | "Lasso" | "Move"} Mode
 */

const PICTURE_PX = 256
const NEAR_PX = 12
const CLICK_PX = 4
const STEP_PX = 60
const CLOSER = 1.4
/** @type {Mode[]} */
const MODES = ["Point", "Lasso", "Move"]
const HINT = "Point at a picture to see it here; draw around some to select them. Ctrl and the wheel, " +
  "or + and −, come closer, the arrow keys move, 0 shows all, Enter selects what is in sight, Escape none. " +
  "The list below the map names groups."
const TOUCHED = "Tap a point to see its picture here. With Lasso, draw around some to select them; " +
  "with Move, drag the map. The list below the map names groups."

/** @type {WeakMap<HTMLElement, Cloud>} */
const clouds = new WeakMap()

/** The map of one component, with what is seen of it and selected on it. */
class Cloud {
  /** @type {Mode} */
  mode = isTouched() ? "Point" : "Lasso"
  /** @type {Set<number>} places */
  selected = new Set()
  /** @type {Point[]} */
  line = []
  /** @type {Point | null} where the pointer went down */
  began = null
  isAsked = false
  /** @type {number} */
  shown = -1

  /**
   * @param {HTMLElement} place
   * @param {Component} component
   */
  constructor(place, { data, setStateValue }) {
    this.place = place
    this.data = data
    this.send = setStateValue
    this.canvas = /** @type {HTMLCanvasElement} */ (find(place, "canvas"))
    this.view = fitted(data.points, 1, 1)
    this.canvas.style.setProperty("--height", `${data.height}px`)
    this.listen()
    this.show(data)
    this.watcher = new ResizeObserver(() => this.whole())
    this.watcher.observe(this.canvas)
  }

  /**
   * Show other points; nothing is selected of them.
   * @param {Data} data
   */
  show(data) {
    this.data = data
    this.selected = new Set(data.selected.map((row) => data.points.row.indexOf(row)))
    this.painter = new Painter(data, data.points.row.map((_, at) => signOf(data, at)), drawnOrder(data))
    this.canvas.setAttribute("role", "img") // not before it has a name
    this.canvas.setAttribute("aria-label", data.label)
    find(this.place, ".cnnlab-cloud-key").replaceChildren(...keyOf(data).map(({ name, color, count }) => {
      const swatch = make("i")
      swatch.style.setProperty("--color", color)
      return make("li", "", swatch, `${name} (${count.toLocaleString("en")})`)
    }))
    this.look(-1)
    this.whole()
  }

  whole() {
    this.view = fitted(this.data.points, this.canvas.clientWidth, this.canvas.clientHeight)
    this.ask()
  }

  /** Have it drawn with the next frame. */
  ask() {
    if (this.isAsked) return
    this.isAsked = true
    requestAnimationFrame(() => {
      this.isAsked = false
      const { color } = getComputedStyle(this.canvas)
      this.painter?.paint(this.canvas, this.view, this.selected, this.line, color)
    })
    this.tools()
  }

  /** The buttons, and how many are selected. */
  tools() {
    const bar = find(this.place, ".cnnlab-cloud-tools")
    if (!bar.children.length) {
      const middle = () => ({ x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 })
      bar.append(
        ...MODES.map((mode) => pressable(mode, () => { this.mode = mode; this.ask() })),
        pressable("Closer", () => this.zoom(CLOSER, middle())),
        pressable("Farther", () => this.zoom(1 / CLOSER, middle())),
        pressable("All", () => this.whole()),
        pressable("Select none", () => this.select([])),
        make("span"))
    }
    for (const [at, mode] of MODES.entries()) {
      bar.children[at].setAttribute("aria-pressed", String(mode === this.mode))
    }
    this.canvas.dataset.mode = this.mode
    const count = this.selected.size
    find(bar, "span").textContent = count ? `${count.toLocaleString("en")} selected` : ""
  }

  /**
   * @param {number} times
   * @param {Point} at
   */
  zoom(times, at) {
    this.view = zoomed(this.view, times, at)
    this.ask()
  }

  /** @param {number[]} places */
  select(places) {
    this.selected = new Set(places)
    this.ask()
    const { version, points } = this.data
    this.send("selected", { version, rows: places.map((at) => points.row[at]) })
  }

  /**
   * Show the picture of a point, or say how to see one.
   * @param {number} at its place; -1 for none
   */
  look(at) {
    const frame = find(this.place, ".cnnlab-cloud-frame"), caption = find(this.place, "figcaption")
    if (at >= 0 && at === this.shown) return
    this.shown = at
    if (at < 0) {
      frame.replaceChildren()
      caption.textContent = isTouched() ? TOUCHED : HINT
      return
    }
    const image = make("img")
    image.src = `${this.data.address}/${this.data.points.row[at]}?px=${PICTURE_PX}`
    image.alt = caption.textContent = toldOf(this.data, at)
    frame.replaceChildren(image)
  }

  listen() {
    const { canvas } = this
    canvas.onpointerdown = (event) => {
      this.began = { x: event.offsetX, y: event.offsetY }
      this.line = [this.began]
      if (this.mode !== "Point") canvas.setPointerCapture(event.pointerId)
    }
    canvas.onpointermove = (event) => this.go(event)
    canvas.onpointerup = (event) => this.end({ x: event.offsetX, y: event.offsetY })
    canvas.onpointercancel = () => { this.began = null; this.line = []; this.ask() }
    canvas.onwheel = (event) => {
      if (!event.ctrlKey && !event.metaKey) return // the page scrolls
      event.preventDefault()
      this.zoom(event.deltaY < 0 ? CLOSER : 1 / CLOSER, { x: event.offsetX, y: event.offsetY })
    }
    canvas.onkeydown = (event) => this.press(event)
  }

  /** @param {PointerEvent} event */
  go({ offsetX, offsetY, movementX, movementY }) {
    const here = { x: offsetX, y: offsetY }
    if (!this.began || this.mode === "Point") {
      const at = nearest(this.data.points, this.view, here, NEAR_PX)
      if (at >= 0) this.look(at)
      return
    }
    if (this.mode === "Move") this.view = moved(this.view, movementX, movementY)
    else this.line.push(here)
    this.ask()
  }

  /** @param {Point} here */
  end(here) {
    const { began, line } = this
    this.began = null
    this.line = []
    if (!began) return
    const isClick = Math.hypot(here.x - began.x, here.y - began.y) < CLICK_PX && line.length < CLICK_PX
    if (isClick || this.mode === "Point") {
      const at = nearest(this.data.points, this.view, here, NEAR_PX)
      if (at >= 0) this.look(at)
      if (at >= 0 && this.mode === "Lasso") this.select([at])
    } else if (this.mode === "Lasso") this.select(enclosed(this.data.points, this.view, line))
    this.ask()
  }

  /** All that is in sight: who has no pointer moves and comes closer instead of drawing a line. */
  selectSeen() {
    const { clientWidth: right, clientHeight: foot } = this.canvas
    const frame = [{ x: 0, y: 0 }, { x: right, y: 0 }, { x: right, y: foot }, { x: 0, y: foot }]
    this.select(enclosed(this.data.points, this.view, frame))
  }

  /** @param {KeyboardEvent} event */
  press(event) {
    const middle = { x: this.canvas.clientWidth / 2, y: this.canvas.clientHeight / 2 }
    /** @type {Record<string, () => void>} */
    const keys = {
      "+": () => this.zoom(CLOSER, middle), "-": () => this.zoom(1 / CLOSER, middle), 0: () => this.whole(),
      Enter: () => this.selectSeen(), Escape: () => this.select([]),
      ArrowLeft: () => { this.view = moved(this.view, STEP_PX, 0) },
      ArrowRight: () => { this.view = moved(this.view, -STEP_PX, 0) },
      ArrowUp: () => { this.view = moved(this.view, 0, STEP_PX) },
      ArrowDown: () => { this.view = moved(this.view, 0, -STEP_PX) },
    }
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key]
    if (!act) return
    event.preventDefault()
    act()
    this.ask()
  }
}

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw(component) {
  const place = find(component.parentElement, ".cnnlab-cloud")
  const before = clouds.get(place)
  if (!before) {
    clouds.set(place, new Cloud(place, component))
    return
  }
  before.send = component.setStateValue
  if (before.data.version === component.data.version) before.ask() // the theme may be another one
  else before.show(component.data)
}

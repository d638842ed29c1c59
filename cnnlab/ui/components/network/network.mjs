// A network drawn and edited: the browser holds the list that is edited, the page what comes of it.

import { find, make, pressed, withoutKeys } from "../shared/dom.mjs"
import { count, dataSize } from "../shared/numbers.mjs"
import * as drafts from "./draft.mjs"
import { History } from "./history.mjs"
import { JsonArea } from "./json_area.mjs"
import { actionOf, isOfBrowser } from "./keys.mjs"
import { drawPalette } from "./palette.mjs"
import { Panel } from "./panel.mjs"
import { Row, short } from "./row.mjs"

/**
 * @typedef {import("../shared/records.d.ts").NetworkData} Data
 * @typedef {import("../shared/records.d.ts").NetworkEdit} Edit
 * @typedef {import("../shared/records.d.ts").DrawnBlock} DrawnBlock
 * @typedef {import("../shared/records.d.ts").KindData} KindData
 * @typedef {import("../shared/component.d.ts").Component<Data>} Component
 * @typedef {import("./draft.mjs").Draft} Draft
 * @typedef {import("./draft.mjs").Choice} Choice
 * @typedef {import("./draft.mjs").Layer} Layer
 * @typedef {import("./draft.mjs").Edited} Edited
 */

const NARROW_PX = 560
const NOTHING = 0
/** What is known of a block that the page hasn't answered for yet. */
const UNKNOWN = { shape: [], parameters: null, multiply_adds: null, bytes: null, time_share: null,
  memory_share: null, sees: null, has_shortcut: false, paths: [], problem: "", hints: [] }

/** The editor of one component. */
class Editor {
  /** @type {Draft} */
  draft = { entries: [], isOwn: false, frozen: null }
  /** @type {Choice} */
  choice = { id: NOTHING, path: null }
  /** @type {History<Edited>} */
  history = new History()
  /** What the page said last of each block. @type {Map<number, DrawnBlock>} */
  known = new Map()
  turn = -1
  sent = 0
  isSettled = true

  /**
   * @param {HTMLElement} place
   * @param {Component} component
   */
  constructor(place, component) {
    this.place = place
    this.component = component
    this.sent = component.data.edit
    withoutKeys(place)
    this.list = find(place, ".cnnlab-net-row")
    this.row = new Row(this.list, {
      choose: (id) => this.choose({ id, path: null }),
      drop: (id, before) => this.drop(id, before),
    })
    this.panel = new Panel(find(place, ".cnnlab-net-panel"), {
      do: (action) => this.act(action),
      set: (field, value) => this.set(field, value),
      choosePath: (path) => this.choose({ id: this.choice.id, path }),
      addTo: (path) => this.openPalette([path, this.pathLength(path) - 1]),
      repath: (without) => this.take(drafts.repath(this.draft, this.choice, without),
        without == null ? "A path is added." : `Path ${without + 1} is removed.`),
      kindOf: (layer) => this.kindOf(layer),
    })
    this.json = new JsonArea(find(place, ".cnnlab-net-json"), {
      layers: () => this.draft.entries.map(({ spec }) => spec),
      paste: (text) => this.send(text),
      close: () => this.act("json"),
    })
    this.listen()
  }

  listen() {
    find(this.place, ".cnnlab-net-bar").inert = false // until now a click would be lost
    this.place.addEventListener("click", (event) => {
      const action = pressed(event)?.dataset.do
      if (action && find(this.place, ".cnnlab-net-bar").contains(pressed(event))) this.act(action)
    })
    this.place.addEventListener("keydown", (event) => {
      const action = actionOf(event)
      if (action || isOfBrowser(event, /Mac/.test(navigator.platform))) event.preventDefault()
      if (!action) return
      event.stopPropagation()
      this.act(action)
    })
    new ResizeObserver(() => this.arrange()).observe(this.place)
  }

  /** Lay out for the width that there is: on a narrow one the fields open below their block. */
  arrange() {
    const isNarrow = this.place.clientWidth < NARROW_PX
    this.place.toggleAttribute("data-narrow", isNarrow)
    const panel = this.panel.place, card = this.row.cards.get(this.choice.id)
    if (isNarrow && card) {
      if (card.item.lastElementChild !== panel) card.item.append(panel)
    } else if (panel.parentElement !== this.place) {
      find(this.place, ".cnnlab-net-notes").before(panel)
    }
  }

  /** Take over what the page says, unless a newer change is on its way to it. */
  receive() {
    const { data } = this.component, place = drafts.placeOf(this.draft, this.choice.id)
    if (data.turn !== this.turn) {
      if (this.turn >= 0) this.history.note(this.present())
      this.turn = data.turn
      this.sent = data.edit
      this.draft = this.theirs()
    } else if (data.edit !== this.sent) {
      return
    } else if (!data.is_own) {
      this.draft = this.theirs()
    }
    this.isSettled = true
    this.known.clear()
    const ids = [drafts.IMAGE, ...this.draft.entries.map(({ id }) => id), drafts.CLASSES]
    for (const [at, block] of data.blocks.entries()) this.known.set(ids[at], block)
    if (!ids.includes(this.choice.id)) this.choice = drafts.nearest(this.draft, place)
    this.json.tell(data.said)
    if (data.told) this.say(data.told)
    this.draw()
  }

  /** The network as the page has it; blocks of the same place stay the same. */
  theirs() {
    const { entries, is_own: isOwn, frozen_place: place } = this.component.data
    const present = this.draft.isOwn === isOwn ? this.draft.entries : []
    const taken = entries.map((spec, at) => {
      const there = present[at]
      return there && there.spec.kind === spec.kind ? { id: there.id, spec } : drafts.entryOf(spec)
    })
    return { entries: taken, isOwn, frozen: taken[place]?.id ?? null }
  }

  /** @param {Layer} layer */
  kindOf(layer) {
    return /** @type {KindData} */ (this.component.data.kinds.find(({ kind }) => kind === layer.kind))
  }

  /** @param {number} path */
  pathLength(path) {
    return drafts.chosenLayer(this.draft, { id: this.choice.id, path: null })?.paths[path].length
  }

  /** @param {Choice} choice */
  choose(choice) {
    this.choice = choice
    this.draw()
  }

  /**
   * Change the network, and tell the page.
   * @param {Edited | null} edited
   * @param {string} words what was done, for who doesn't see it
   * @param {string} what of which field
   */
  take(edited, words, what = "") {
    if (!edited) return
    this.history.note(this.present(), what)
    this.draft = edited.draft
    this.choice = edited.choice
    this.send()
    this.say(words)
    this.draw()
  }

  /** @param {string} pasted text that shall become the list */
  send(pasted = "") {
    this.sent += 1
    this.isSettled = false
    const { entries, isOwn, frozen } = this.draft
    /** @type {Edit} */
    const edit = { edit: this.sent, layers: isOwn ? entries.map(({ spec }) => spec) : null,
      frozen_place: drafts.placeOf(this.draft, frozen), pasted }
    this.component.setTriggerValue("edited", edit)
  }

  /** @param {string} words */
  say(words) {
    find(this.place, ".cnnlab-net-live").textContent = words
  }

  /**
   * @param {string} field
   * @param {unknown} value
   */
  set(field, value) {
    const draft = drafts.set(this.draft, this.choice, field, value)
    this.take({ draft, choice: this.choice }, "", `${this.choice.id} ${this.choice.path} ${field}`)
  }

  /**
   * Move a block to where another one is.
   * @param {number} id
   * @param {number} to
   */
  drop(id, to) {
    const from = drafts.placeOf(this.draft, id)
    const place = to === drafts.CLASSES ? this.draft.entries.length - 1 : drafts.placeOf(this.draft, to)
    if (from < 0 || from === place) return
    const choice = { id, path: null }
    const words = `${this.nameOf(choice)} is block ${place + 1} now.`
    this.take(drafts.move(this.draft, choice, place - from), words)
  }

  /** @param {Choice} choice */
  nameOf(choice) {
    const layer = drafts.chosenLayer(this.draft, choice)
    return layer ? this.kindOf(layer).name : ""
  }

  /**
   * Do what a button or a key says.
   * @param {string} action
   */
  act(action) {
    const isClosing = action === "add" && !find(this.place, ".cnnlab-net-palette").hidden
    this.closePalette()
    const acts = this.acts()
    if (!isClosing && Object.hasOwn(acts, action)) acts[action]()
    if (["remove", "earlier", "later", "duplicate", "undo", "redo"].includes(action)) this.focus()
    if (action === "empty") find(this.place, "[data-do=add]").focus()
  }

  /** @returns {Record<string, () => void>} */
  acts() {
    const { draft, choice } = this, name = this.nameOf(choice), layer = drafts.chosenLayer(draft, choice)
    /** @type {(change: () => { draft: Draft, choice: Choice } | null, words: string) => () => void} */
    const edit = (change, words) => () => { if (layer) this.take(change(), words) }
    return {
      add: () => this.openPalette(choice.path),
      undo: () => this.goBack(this.history.undo(this.present()), "Taken back."),
      redo: () => this.goBack(this.history.redo(this.present()), "Done again."),
      own: () => this.take({ draft: { ...draft, isOwn: true }, choice }, "The layers are your own list now."),
      preset: () => this.take({ draft: { ...draft, isOwn: false }, choice }, "The preset's layers again."),
      empty: () => this.take({ draft: { entries: [], isOwn: true, frozen: null },
        choice: { id: drafts.IMAGE, path: null } }, "There is no layer any more."),
      json: () => this.json.toggle(find(this.place, "[data-do=json]")),
      remove: edit(() => drafts.remove(draft, choice), `${name} is removed.`),
      earlier: edit(() => drafts.move(draft, choice, -1), `${name} is moved one place earlier.`),
      later: edit(() => drafts.move(draft, choice, 1), `${name} is moved one place later.`),
      duplicate: edit(() => drafts.duplicate(draft, choice), `${name} is there twice now.`),
      toggle: edit(() => ({ draft: drafts.set(draft, choice, "enabled", layer?.enabled === false), choice }),
        `${name} is ${layer?.enabled === false ? "on" : "off"} now.`),
      freeze: edit(() => ({ draft: drafts.freeze(draft, choice.id), choice }),
        draft.frozen === choice.id ? "No layer is frozen any more." : `Frozen up to ${name}.`),
      fields: () => this.panel.focus(),
      card: () => this.focus(),
      before: () => this.step(-1),
      behind: () => this.step(1),
      first: () => this.step(-Infinity),
      last: () => this.step(Infinity),
    }
  }

  /** Go to a neighbouring block.
   * @param {number} by
   */
  step(by) {
    const ids = [drafts.IMAGE, ...this.draft.entries.map(({ id }) => id), drafts.CLASSES]
    const at = Math.min(Math.max(ids.indexOf(this.choice.id) + by, 0), ids.length - 1)
    this.choose({ id: ids[at], path: null })
    this.focus()
  }

  /** Bring the chosen card into sight, with the focus. */
  focus() {
    const { id, path } = this.choice
    const card = this.row.cards.get(id)?.card
    const there = path ? this.place.querySelector(`[data-at="${path.join()}"]`) : card
    if (!(there instanceof HTMLElement)) return
    there.focus({ preventScroll: true })
    there.scrollIntoView({ block: "nearest", inline: "nearest" })
  }

  /** What is edited, with what is chosen of it: both come back with undo. */
  present() {
    return { draft: this.draft, choice: this.choice }
  }

  /**
   * @param {Edited | undefined} edited
   * @param {string} words
   */
  goBack(edited, words) {
    if (!edited) return
    this.draft = edited.draft
    this.choice = edited.choice
    this.send()
    this.say(words)
    this.draw()
  }

  /** @param {[number, number] | null} path where in a branch block */
  openPalette(path) {
    const choice = { id: this.choice.id, path }
    const kinds = this.component.data.kinds.filter((kind) => !path || kind.fits_a_path)
    const behind = this.nameOf({ id: choice.id, path: null })
    const where = path ? `Onto path ${path[0] + 1} of the block:`
      : behind ? `Behind block ${drafts.placeOf(this.draft, choice.id) + 1}, ${behind}:`
        : choice.id === drafts.CLASSES ? "At the end, before the classes:" : "Right behind the image:"
    find(this.place, "[data-do=add]").setAttribute("aria-expanded", "true")
    drawPalette(find(this.place, ".cnnlab-net-palette"), kinds, where, (kind) => {
      this.closePalette()
      this.take(drafts.insert(this.draft, choice, structuredClone(kind.usual)), `${kind.name} is added.`)
      this.focus()
    }, () => {
      this.closePalette()
      find(this.place, "[data-do=add]").focus()
    })
  }

  closePalette() {
    find(this.place, ".cnnlab-net-palette").hidden = true
    find(this.place, "[data-do=add]").setAttribute("aria-expanded", "false")
  }

  /** All that is seen. */
  draw() {
    const { data } = this.component, { draft } = this
    const frozen = drafts.placeOf(draft, draft.frozen)
    const shown = draft.entries.map((entry, place) => ({
      id: entry.id, block: this.blockOf(entry), isFrozen: place <= frozen, isSettled: this.isSettled }))
    const [image, classes] = [drafts.IMAGE, drafts.CLASSES].map((id) => {
      const block = this.known.get(id) ?? { ...UNKNOWN, kind: id === drafts.IMAGE ? "image" : "classes",
        name: id === drafts.IMAGE ? "Image" : "Classes", details: "", role: "image", enabled: true }
      return { id, block, isFrozen: false, isSettled: this.isSettled }
    })
    this.row.draw([image, ...shown, classes], this.choice.id)
    this.drawBar()
    this.drawPanel(image.block.shape[0] ?? 0)
    this.drawNotes([image, ...shown, classes].map(({ block }) => block))
    const line = find(this.place, ".cnnlab-net-sum")
    line.textContent = sum(data, draft)
    line.toggleAttribute("data-wrong", Boolean(data.problem) && draft.entries.length > 0)
    this.arrange()
    this.uncover()
  }

  /** Scroll the row, not the page, so that the chosen card is in sight: it may just have grown. */
  uncover() {
    const item = this.row.cards.get(this.choice.id)?.item
    if (!item || this.place.hasAttribute("data-narrow")) return
    const row = this.list.getBoundingClientRect(), card = item.getBoundingClientRect()
    if (card.left < row.left) this.list.scrollLeft -= row.left - card.left
    if (card.right > row.right) this.list.scrollLeft += card.right - row.right
  }

  /**
   * What is known of a block; of one that was just put in, its name.
   * @param {drafts.Entry} entry
   * @returns {DrawnBlock}
   */
  blockOf({ id, spec }) {
    const kind = this.kindOf(spec), known = this.known.get(id)
    if (known && known.kind === spec.kind) return { ...known, enabled: spec.enabled !== false }
    return { ...UNKNOWN, kind: spec.kind, name: kind.name, details: "", role: kind.role,
      enabled: spec.enabled !== false }
  }

  drawBar() {
    const button = (/** @type {string} */ action) =>
      /** @type {HTMLButtonElement} */ (find(this.place, `.cnnlab-net-bar [data-do=${action}]`))
    button("undo").disabled = !this.history.past.length
    button("redo").disabled = !this.history.future.length
    button("own").hidden = this.draft.isOwn
    button("preset").hidden = !this.draft.isOwn
    button("preset").textContent = `Back to ${this.component.data.preset}`
    button("empty").disabled = this.draft.isOwn && !this.draft.entries.length
  }

  /** @param {number} imageSide px */
  drawPanel(imageSide) {
    const { draft, choice } = this
    const layer = drafts.chosenLayer(draft, choice) ?? null, place = drafts.placeOf(draft, choice.id)
    const entry = draft.entries[place], block = this.known.get(choice.id) ?? null
    const kind = layer && this.kindOf(layer)
    const title = choice.path ? `${place + 1}. Path ${choice.path[0] + 1}, layer ${choice.path[1] + 1}: ${kind?.name}`
      : kind ? `${place + 1}. ${kind.name}` : block?.name ?? ""
    this.panel.draw({ title, kind, layer, block, path: choice.path,
      branch: entry?.spec.paths ? entry.spec : null, isFrozen: draft.frozen === choice.id, imageSide,
      activation: this.component.data.activation, is: `${choice.id} ${choice.path}` })
  }

  /** @param {DrawnBlock[]} blocks the image first */
  drawNotes(blocks) {
    const notes = blocks.flatMap((block, place) => block.hints.map((hint) =>
      make("li", "", make("b", "", `${place}. ${block.name}: `), hint)))
    find(this.place, ".cnnlab-net-notes").replaceChildren(...notes)
  }
}

/**
 * The network as a whole, in words.
 * @param {Data} data
 * @param {Draft} draft
 */
function sum(data, draft) {
  if (!draft.entries.length) return "There is no layer yet: add the first one."
  const wrong = data.blocks.findIndex((block) => block.problem)
  if (wrong > 0) return `Block ${wrong}, ${data.blocks[wrong].name}: ${data.problem}`
  if (data.problem) return data.problem
  return `${draft.isOwn ? "Your own list" : data.preset}: ${count(data.parameters)} parameters, ${short(data.multiply_adds)} multiply-adds and ` +
    `${dataSize(data.bytes)} of values an image. Height is the size of the picture, thickness its channels; ` +
    "solid bars are shares of the time (estimated), dashed ones of the memory."
}

/** @type {WeakMap<HTMLElement, Editor>} */
const editors = new WeakMap()

/** @type {import("../shared/component.d.ts").Draw<Data>} */
export default function draw(component) {
  const place = find(component.parentElement, ".cnnlab-network")
  const editor = editors.get(place) ?? new Editor(place, component)
  editors.set(place, editor)
  editor.component = component
  editor.receive()
}

// The chosen block: what can be done with it, its fields, and what it costs.

import { isTouched, make, pressable } from "../shared/dom.mjs"
import { count, dataSize, percent } from "../shared/numbers.mjs"
import { MOST_IN_A_PATH, MOST_PATHS } from "./draft.mjs"
import { sized } from "./row.mjs"

/**
 * @typedef {import("../shared/records.d.ts").DrawnBlock} DrawnBlock
 * @typedef {import("../shared/records.d.ts").KindData} KindData
 * @typedef {import("../shared/records.d.ts").LayerField} LayerField
 * @typedef {import("./draft.mjs").Layer} Layer
 * @typedef {{ title: string, kind: KindData | null, layer: Layer | null, block: DrawnBlock | null,
 *   path: [number, number] | null, branch: Layer | null, isFrozen: boolean, imageSide: number,
 *   activation: string, is: string }} Chosen
 *   `kind` of the layer whose fields are shown, `branch` what it or its path belongs to, `is` another
 *   text if another layer is chosen
 * @typedef {{ do: (action: string) => void, set: (field: string, value: unknown) => void,
 *   choosePath: (path: [number, number] | null) => void, addTo: (path: number) => void,
 *   repath: (without: number | null) => void, kindOf: (layer: Layer) => KindData }} Calls
 * @typedef {HTMLInputElement | HTMLSelectElement} Field
 */

/** Action, words, keys. @type {[string, string, string][]} */
const ACTIONS = [["earlier", "← Earlier", "Alt+ArrowLeft"], ["later", "Later →", "Alt+ArrowRight"],
  ["duplicate", "Duplicate", "Control+D"], ["toggle", "Switch off", ""],
  ["freeze", "Freeze up to here", ""], ["remove", "Remove", "Delete"]]

/** The fields and buttons of one chosen block. */
export class Panel {
  /** @type {Map<string, Field>} */
  fields = new Map()
  is = ""

  /**
   * @param {HTMLElement} place
   * @param {Calls} calls
   */
  constructor(place, calls) {
    this.place = place
    this.calls = calls
    this.head = make("div", "cnnlab-net-head")
    this.actions = make("div", "cnnlab-net-actions")
    this.actions.setAttribute("role", "toolbar")
    this.actions.setAttribute("aria-label", "What to do with the chosen block")
    this.paths = make("div", "cnnlab-net-paths")
    this.form = make("div", "cnnlab-net-fields")
    this.facts = make("dl", "cnnlab-net-facts")
    /** @type {Map<string, HTMLButtonElement>} */
    this.buttons = new Map(ACTIONS.map(([action, words, keys]) => {
      const button = pressable(words, () => calls.do(action))
      button.dataset.do = action
      if (keys) button.setAttribute("aria-keyshortcuts", keys)
      if (keys && !isTouched()) button.title = keys.replace("Control", "Ctrl").replace("Arrow", "")
      return [action, button]
    }))
    this.actions.append(...this.buttons.values())
    place.replaceChildren(this.head, this.actions, this.paths, this.form, this.facts)
  }

  /** @param {Chosen} chosen */
  draw(chosen) {
    const { title, kind, layer, block } = chosen
    this.head.replaceChildren(make("h3", "", title), make("p", "", kind?.help ?? helpOf(block)))
    this.actions.hidden = !layer
    this.button("toggle").textContent = layer?.enabled === false ? "Switch on" : "Switch off"
    this.button("freeze").hidden = Boolean(chosen.path)
    this.button("freeze").textContent = chosen.isFrozen ? "Frozen up to here" : "Freeze up to here"
    this.button("freeze").setAttribute("aria-pressed", String(chosen.isFrozen))
    this.drawPaths(chosen)
    const is = `${chosen.is} ${kind?.kind ?? ""} ${chosen.activation}`
    if (is !== this.is) this.build(kind?.fields ?? [], chosen.activation)
    this.is = is
    for (const field of kind?.fields ?? []) this.show(field, layer?.[field.name])
    this.facts.replaceChildren(...(chosen.path ? pathFacts(chosen) : factsOf(block, chosen.imageSide)))
  }

  /** @param {string} action */
  button(action) {
    return /** @type {HTMLButtonElement} */ (this.buttons.get(action))
  }

  /** Go to the first field. */
  focus() {
    for (const field of this.fields.values()) return field.focus()
    this.button("earlier").focus()
  }

  /**
   * @param {LayerField[]} fields
   * @param {string} activation
   */
  build(fields, activation) {
    this.fields.clear()
    this.form.replaceChildren(...fields.map((field) => {
      const input = field.sort === "choice" ? select(field, activation) : numberOrSwitch(field)
      input.dataset.field = field.name
      input.title = field.help
      const tell = () => this.calls.set(field.name, valueOf(field, input))
      input.addEventListener(field.sort === "choice" || field.sort === "switch" ? "change" : "input", tell)
      this.fields.set(field.name, input)
      return make("label", "", make("span", "", field.label), input)
    }))
  }

  /**
   * Show a value, unless somebody is about to type another.
   * @param {LayerField} field
   * @param {unknown} value
   */
  show(field, value) {
    const input = this.fields.get(field.name)
    if (!input) return
    if (input instanceof HTMLInputElement && input.type === "checkbox") {
      input.checked = value === true
      return
    }
    const text = value == null ? "" : String(value)
    if (valueOf(field, input) !== value && input.value !== text) input.value = text
    if (input instanceof HTMLInputElement) {
      const { low, high } = field
      const isLegal = typeof value === "number" && value >= (low ?? value) && value <= (high ?? value)
      input.setAttribute("aria-invalid", String(!isLegal))
    }
  }

  /** The paths of a branch block, a line each.
   * @param {Chosen} chosen
   */
  drawPaths({ branch, path, block }) {
    this.paths.hidden = !branch
    if (!branch) return this.paths.replaceChildren()
    const focused = /** @type {HTMLElement | null} */ (document.activeElement)?.dataset.at
    const lines = branch.paths.map((/** @type {Layer[]} */ layers, /** @type {number} */ number) => {
      const chips = layers.map((layer, at) => {
        const chip = this.chip(layer, [number, at], path)
        const shape = block?.paths[number]?.[at]?.shape
        if (shape?.length) chip.append(make("small", "", sized(shape)))
        return chip
      })
      const add = pressable("+ layer", () => this.calls.addTo(number))
      add.setAttribute("aria-label", `+ layer at the end of path ${number + 1}`)
      add.disabled = layers.length >= MOST_IN_A_PATH
      const drop = pressable("✕", () => this.calls.repath(number))
      drop.setAttribute("aria-label", `Remove path ${number + 1}`)
      drop.disabled = branch.paths.length <= 2
      const note = layers.length ? "" : make("em", "", "passes on what comes in")
      return make("div", "cnnlab-net-path", make("span", "", `Path ${number + 1}`), ...chips, note, add, drop)
    })
    const more = pressable("+ path", () => this.calls.repath(null))
    more.disabled = branch.paths.length >= MOST_PATHS
    const whole = pressable("Fields of the block", () => this.calls.choosePath(null))
    whole.hidden = !path
    this.paths.replaceChildren(...lines, make("div", "cnnlab-net-path", more, whole))
    if (focused) /** @type {HTMLElement | null} */ (this.paths.querySelector(`[data-at="${focused}"]`))?.focus()
  }

  /**
   * @param {Layer} layer
   * @param {[number, number]} at
   * @param {[number, number] | null} path
   */
  chip(layer, at, path) {
    const kind = this.calls.kindOf(layer)
    const chip = pressable(kind.name, () => this.calls.choosePath(at))
    chip.className = "cnnlab-net-chip"
    chip.dataset.role = kind.role
    chip.dataset.at = at.join()
    chip.toggleAttribute("data-off", layer.enabled === false)
    chip.setAttribute("aria-pressed", String(path?.[0] === at[0] && path[1] === at[1]))
    return chip
  }
}

/**
 * @param {LayerField} field
 * @param {string} activation
 */
function select(field, activation) {
  const made = make("select")
  made.append(...field.choices.map((choice) => {
    const option = make("option", "", choice ? choice.replaceAll("_", " ") : `the network's (${activation})`)
    option.value = choice
    return option
  }))
  return made
}

/** @param {LayerField} field */
function numberOrSwitch(field) {
  const made = make("input")
  if (field.sort === "switch") return Object.assign(made, { type: "checkbox" })
  Object.assign(made, { type: "number", inputMode: field.sort === "whole" ? "numeric" : "decimal" })
  made.step = field.sort === "whole" ? "1" : "any"
  if (field.low != null) made.min = String(field.low)
  if (field.high != null) made.max = String(field.high)
  return made
}

/**
 * What a widget holds; null for an empty one.
 * @param {LayerField} field
 * @param {Field} input
 */
function valueOf(field, input) {
  if (input instanceof HTMLInputElement && input.type === "checkbox") return input.checked
  if (input.value === "") return null
  return field.sort === "choice" ? input.value : Number(input.value)
}

/** @param {DrawnBlock | null} block */
function helpOf(block) {
  return block?.kind === "image"
    ? "Every picture of the dataset, as the network is given it, with values 0 to 1."
    : "A dense layer that gives each class its probability; it is always there."
}

/**
 * @param {string} name
 * @param {string} value
 */
const fact = (name, value) => make("div", "", make("dt", "", name), make("dd", "", value))

/**
 * @param {DrawnBlock | null} block
 * @param {number} imageSide px
 */
function factsOf(block, imageSide) {
  if (!block || block.parameters == null) return []
  return [
    fact("Output", sized(block.shape)),
    fact("Parameters", count(block.parameters)),
    fact("Multiply-adds", count(block.multiply_adds ?? 0)),
    fact("A value has seen", block.sees == null || block.sees >= imageSide ? "the whole picture"
      : `${block.sees} of ${imageSide} px`),
    fact("Time (estimated)", `${percent(block.time_share)} of all`),
    fact("Memory of its values", `${dataSize(block.bytes ?? 0)}, ${percent(block.memory_share)} of all`),
  ]
}

/** @param {Chosen} chosen */
function pathFacts({ block, path }) {
  const shape = path ? block?.paths[path[0]]?.[path[1]]?.shape : undefined
  return shape?.length ? [fact("Output", sized(shape))] : []
}

// The blocks in their order: a card each, which is drawn anew only where it has changed.

import { make } from "../shared/dom.mjs"
import { count, dataSize, percent } from "../shared/numbers.mjs"
import { CLASSES, IMAGE } from "./draft.mjs"
import { picture } from "./picture.mjs"

/**
 * @typedef {import("../shared/records.d.ts").DrawnBlock} DrawnBlock
 * @typedef {{ id: number, block: DrawnBlock, isFrozen: boolean, isSettled: boolean }} Shown
 *   a block, and whether its numbers are those of the present network
 * @typedef {{ item: HTMLLIElement, card: HTMLButtonElement, is: string }} Card
 */

const LOCK = "M5 7V5a3 3 0 0 1 6 0v2h1v7H4V7zm2 0h2V5a1 1 0 0 0-2 0z"

/**
 * A shape as it is written: `24 × 24 × 32`.
 * @param {number[]} shape
 */
export const sized = (shape) => shape.map(count).join(" × ")

/**
 * A large number in few characters: `23.8 M`.
 * @param {number} value
 */
export function short(value) {
  if (value < 10_000) return count(value)
  const [size, unit] = value < 1e6 ? [1e3, "k"] : value < 1e9 ? [1e6, "M"] : [1e9, "G"]
  return `${Number((value / size).toPrecision(3))} ${unit}`
}

/**
 * What the drawing shows of a block and no words say, for those who don't see it.
 * @param {Shown} shown
 */
export function told({ block, isFrozen }) {
  const facts = block.parameters == null || !block.enabled ? []
    : [`${percent(block.time_share)} of the time`, `${percent(block.memory_share)} of the memory`]
  return [...facts, ...(isFrozen ? ["frozen"] : []), ...block.hints].join("; ")
}

/**
 * A thin bar for a share.
 * @param {string} className
 * @param {number | null} share
 * @param {string} title
 */
function bar(className, share, title) {
  const filled = make("i"), whole = make("span", `cnnlab-net-share ${className}`, filled)
  filled.style.width = `${100 * (share ?? 0)}%`
  whole.title = `${title}: ${percent(share)}`
  return whole
}

/** @param {DrawnBlock} block */
function numbers(block) {
  if (block.problem) return [make("span", "cnnlab-net-wrong", block.problem)]
  if (!block.enabled) return [make("span", "cnnlab-net-shape", "switched off")]
  const shape = make("span", "cnnlab-net-shape", block.shape.length ? sized(block.shape) : "?")
  const weights = make("span", "cnnlab-net-weights",
    block.parameters ? `${short(block.parameters)} weights` : "\u00a0")
  return [shape, weights, bar("cnnlab-net-time", block.time_share, "Estimated share of the time"),
    bar("cnnlab-net-memory", block.memory_share, `Share of the memory for values, ${dataSize(block.bytes ?? 0)} an image`)]
}

/** The list of cards. */
export class Row {
  /** @type {Map<number, Card>} */
  cards = new Map()

  /**
   * @param {HTMLElement} list
   * @param {{ choose: (id: number) => void, drop: (id: number, before: number) => void }} calls
   */
  constructor(list, calls) {
    this.list = list
    this.calls = calls
  }

  /**
   * Draw the blocks.
   * @param {Shown[]} all the image first, the classes last
   * @param {number} chosen
   */
  draw(all, chosen) {
    const imageSide = all[0]?.block.shape[0] ?? 1
    let shape = all[0]?.block.shape ?? []
    const items = all.map((shown, place) => {
      if (shown.block.shape.length) shape = shown.block.shape
      const card = this.cards.get(shown.id) ?? this.add(shown.id)
      const is = JSON.stringify([shown, shape, imageSide, place])
      if (card.is !== is) this.fill(card, shown, shape, imageSide, place)
      card.is = is
      const isChosen = shown.id === chosen
      card.item.toggleAttribute("data-chosen", isChosen)
      card.card.setAttribute("aria-pressed", String(isChosen))
      card.card.tabIndex = isChosen ? 0 : -1
      return card.item
    })
    const shownIds = new Set(all.map(({ id }) => id))
    for (const [id, { item }] of this.cards) {
      if (shownIds.has(id)) continue
      item.remove()
      this.cards.delete(id)
    }
    for (const [at, item] of items.entries()) {
      const there = this.list.querySelectorAll(":scope > .cnnlab-net-block")[at]
      if (there !== item) this.list.insertBefore(item, there ?? null)
    }
  }

  /** @param {number} id */
  add(id) {
    const card = make("button", "cnnlab-net-card"), item = make("li", "cnnlab-net-block", card)
    card.type = "button"
    card.addEventListener("click", () => this.calls.choose(id))
    if (id !== IMAGE && id !== CLASSES) item.draggable = true
    item.addEventListener("dragstart", (event) => {
      event.dataTransfer?.setData("application/x-cnnlab-block", String(id))
      item.toggleAttribute("data-dragged", true)
    })
    item.addEventListener("dragend", () => item.removeAttribute("data-dragged"))
    item.addEventListener("dragover", (event) => {
      if (!event.dataTransfer?.types.includes("application/x-cnnlab-block") || id === IMAGE) return
      event.preventDefault()
      item.toggleAttribute("data-target", true)
    })
    item.addEventListener("dragleave", () => item.removeAttribute("data-target"))
    item.addEventListener("drop", (event) => {
      event.preventDefault()
      item.removeAttribute("data-target")
      const dropped = Number(event.dataTransfer?.getData("application/x-cnnlab-block"))
      if (dropped) this.calls.drop(dropped, id)
    })
    const made = { item, card, is: "" }
    this.cards.set(id, made)
    return made
  }

  /**
   * @param {Card} made
   * @param {Shown} shown
   * @param {number[]} shape
   * @param {number} imageSide
   * @param {number} place
   */
  fill({ item, card }, shown, shape, imageSide, place) {
    const { block, isFrozen, isSettled } = shown
    item.dataset.role = block.role
    item.toggleAttribute("data-off", !block.enabled)
    item.toggleAttribute("data-frozen", isFrozen)
    item.toggleAttribute("data-wrong", Boolean(block.problem))
    item.toggleAttribute("data-hinted", block.hints.length > 0)
    item.toggleAttribute("data-unknown", !block.shape.length)
    item.toggleAttribute("data-pending", !isSettled)
    const words = make("span", "cnnlab-net-words", make("b", "", block.name),
      make("span", "cnnlab-net-details", block.details || "\u00a0"), ...numbers(block))
    const isEntry = shown.id !== IMAGE && shown.id !== CLASSES
    card.replaceChildren(picture(block, shape, imageSide), unseen(isEntry ? `Block ${place}: ` : ""),
      words, unseen(told(shown)))
    if (isFrozen) card.append(lock())
    if (block.hints.length && !block.problem) {
      const mark = make("span", "cnnlab-net-mark", "i")
      mark.setAttribute("aria-hidden", "true")
      card.append(mark)
    }
  }
}

/**
 * Words that are heard only.
 * @param {string} words
 */
const unseen = (words) => make("span", "cnnlab-net-unseen", words)

/** A padlock. */
function lock() {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg")
  svg.setAttribute("viewBox", "0 0 16 16")
  svg.setAttribute("class", "cnnlab-net-lock")
  svg.setAttribute("aria-hidden", "true")
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path")
  path.setAttribute("d", LOCK)
  path.setAttribute("fill-rule", "evenodd")
  svg.append(path)
  return svg
}

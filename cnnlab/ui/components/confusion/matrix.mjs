// A confusion matrix as numbers: its sums, shares, the classes that are shown, what a key means.

/**
 * @typedef {import("../shared/records.d.ts").ConfusionData} Data
 * @typedef {"counts" | "true" | "predicted"} Mode what a cell shows: images, or the share of those
 *   of its true or of its predicted class
 * @typedef {{ row: number, column: number }} Place indices of what is shown
 */

/** More classes than these aren't drawn at once. */
export const MOST_CLASSES = 40

/**
 * Images from a thousand on in three signs, for a cell that is narrow; empty below.
 * @param {number} images
 */
export function short(images) {
  if (images < 1000) return ""
  const thousands = images / 1000
  return thousands < 9.95 ? `${Number(thousands.toFixed(1))}k` : `${Math.round(thousands)}k`
}

const SHORT_NAME = 11

/**
 * Names that a narrow head has room for; of those that begin alike the ends tell them apart.
 * @param {string[]} names
 */
export function shortNames(names) {
  const half = Math.floor(SHORT_NAME / 2)
  const isLong = (/** @type {string} */ name) => name.length > SHORT_NAME
  const begin = (/** @type {string} */ name) => name.slice(0, SHORT_NAME - 1)
  return names.map((name, at) => {
    if (!isLong(name)) return name
    const isAlike = names.some((other, place) =>
      place !== at && isLong(other) && begin(other) === begin(name))
    return isAlike ? `${name.slice(0, half)}…${name.slice(-half)}` : `${begin(name)}…`
  })
}

/** Counts with the sums of their rows and columns. */
export class Matrix {
  /** @type {Map<string, number>} */
  #cells = new Map()

  /** @param {Data} data */
  constructor({ classes, cells }) {
    this.classes = classes
    /** @type {number[]} images of each class */
    this.shown = classes.map(() => 0)
    /** @type {number[]} images that are taken for each class */
    this.said = classes.map(() => 0)
    for (const { true: label, predicted, images } of cells) {
      this.#cells.set(`${label} ${predicted}`, images)
      this.shown[label] += images
      this.said[predicted] += images
    }
    this.cells = cells
  }

  /**
   * How many images of a class are taken for another one, or rightly for it.
   * @param {number} label
   * @param {number} predicted
   */
  count(label, predicted) {
    return this.#cells.get(`${label} ${predicted}`) ?? 0
  }

  /**
   * A cell's share of the images that show its true class, or of those taken for its predicted one.
   * @param {number} label
   * @param {number} predicted
   * @param {Mode} mode `counts` means the true class, too
   */
  share(label, predicted, mode) {
    const whole = mode === "predicted" ? this.said[predicted] : this.shown[label]
    return whole ? this.count(label, predicted) / whole : 0
  }

  /**
   * Labels of the classes to draw, in their order: all, or those that are confused most; around a
   * class that is asked for, those that it is confused with.
   * @param {number | null} asked label
   */
  drawn(asked = null) {
    const labels = this.classes.map((_, label) => label)
    if (labels.length <= MOST_CLASSES) return labels
    const wrong = labels.map(() => 0)
    for (const { true: label, predicted, images } of this.cells) {
      if (label === predicted || (asked != null && label !== asked && predicted !== asked)) continue
      wrong[label] += images
      wrong[predicted] += images
    }
    if (asked != null) wrong[asked] = Infinity
    labels.sort((one, other) => wrong[other] - wrong[one] || one - other)
    return labels.slice(0, MOST_CLASSES).sort((one, other) => one - other)
  }

  /**
   * The class that a text means: the one of this name, else the first that begins with it, else the
   * first that has it in its name; null if there is none.
   * @param {string} text
   */
  find(text) {
    const wanted = text.trim().toLowerCase()
    if (!wanted) return null
    const names = this.classes.map((name) => name.toLowerCase())
    const tests = [
      (/** @type {string} */ name) => name === wanted,
      (/** @type {string} */ name) => name.startsWith(wanted),
      (/** @type {string} */ name) => name.includes(wanted),
    ]
    for (const test of tests) {
      const label = names.findIndex(test)
      if (label >= 0) return label
    }
    return null
  }
}

/**
 * Where a key leads from a cell; undefined if it leads nowhere.
 * @param {{ key: string, ctrlKey: boolean }} event
 * @param {Place} at
 * @param {number} size how many rows and columns there are
 * @returns {Place | undefined}
 */
export function moved({ key, ctrlKey }, { row, column }, size) {
  const last = size - 1
  const within = (/** @type {number} */ index) => Math.max(0, Math.min(last, index))
  /** @type {Record<string, Place>} */
  const places = {
    ArrowUp: { row: within(row - 1), column },
    ArrowDown: { row: within(row + 1), column },
    ArrowLeft: { row, column: within(column - 1) },
    ArrowRight: { row, column: within(column + 1) },
    Home: { row: ctrlKey ? 0 : row, column: 0 },
    End: { row: ctrlKey ? last : row, column: last },
    PageUp: { row: within(row - 10), column },
    PageDown: { row: within(row + 10), column },
  }
  return places[key]
}

// Which rows of a table are ticked: the browser's own clicks, until the page itself says otherwise.

/** @typedef {{ id: string, ticked?: boolean }} Row */

/** The ticks of one table. */
export class Ticks {
  /** @type {Set<string>} */
  ids = new Set()
  version = ""
  /** The row that was ticked last: a click with the shift key ticks up to it. */
  last = ""

  /**
   * Take over what the page holds where it has changed it; a row that is new comes with its own.
   * @param {string} version
   * @param {Row[]} rows
   */
  follow(version, rows) {
    if (version === this.version) return
    this.version = version
    this.ids = new Set(rows.filter((row) => row.ticked).map((row) => row.id))
  }

  /**
   * Tick or untick a row, with the shift key also all between it and the one before.
   * @param {Row[]} rows
   * @param {string} id
   * @param {boolean} isOn
   * @param {boolean} isRange
   */
  set(rows, id, isOn, isRange) {
    const placeOf = (/** @type {string} */ one) => rows.findIndex((row) => row.id === one)
    const here = placeOf(id), there = isRange ? placeOf(this.last) : here
    const [from, to] = there < 0 ? [here, here] : [Math.min(here, there), Math.max(here, there)]
    for (const row of rows.slice(from, to + 1)) this.ids[isOn ? "add" : "delete"](row.id)
    this.last = id
  }

  /**
   * @param {Row[]} rows
   * @param {boolean} isOn
   */
  setAll(rows, isOn) {
    for (const row of rows) this.ids[isOn ? "add" : "delete"](row.id)
  }

  /**
   * What the page is told.
   * @param {Row[]} rows
   */
  told(rows) {
    return {
      shown: rows.map((row) => row.id),
      ticked: rows.filter((row) => this.ids.has(row.id)).map((row) => row.id),
    }
  }
}

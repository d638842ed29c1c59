// What can be done with the formats that are ticked, and how it is said.

import { dataSize } from "../shared/numbers.mjs"

/**
 * @typedef {import("../shared/records.d.ts").FormatRow} FormatRow
 * @typedef {{ prepare: string[], download: string[], cancel: string[], words: string }} Possible
 *   names of formats
 */

const READY = new Set(["verified", "unverified"])

/**
 * Whether a format is there to be downloaded.
 * @param {FormatRow} row
 */
export function isReady(row) {
  return READY.has(row.stage)
}

/**
 * Whether anything can be done with a format by a click.
 * @param {FormatRow} row
 */
export function isTickable(row) {
  return row.stage !== "blocked"
}

/**
 * What is under way is told whether it is ticked or not: a reload forgets what was.
 * @param {FormatRow[]} rows
 * @param {Set<string>} ticked names
 * @returns {Possible}
 */
export function possible(rows, ticked) {
  const meant = rows.filter((row) => ticked.has(row.name) && isTickable(row))
  const named = (/** @type {FormatRow[]} */ some) => some.map((row) => row.name)
  const ready = meant.filter(isReady), underWay = meant.filter((row) => row.stage === "under_way")
  const missing = meant.filter((row) => !isReady(row) && row.stage !== "under_way")
  const others = rows.filter((row) => row.stage === "under_way" && !ticked.has(row.name))
  const bytes = ready.reduce((sum, row) => sum + row.bytes, 0)
  const parts = [
    ready.length ? `${ready.length} ready, ${dataSize(bytes)}` : "",
    underWay.length ? `${underWay.length} under way` : "",
    missing.length ? `${missing.length} to be prepared` : "",
  ].filter(Boolean)
  return {
    prepare: named(missing),
    download: missing.length || underWay.length ? [] : named(ready),
    cancel: named(underWay.length ? underWay : others),
    words: meant.length
      ? `${meant.length} chosen: ${parts.join("; ")}${others.length ? `. ${others.length} more under way` : ""}`
      : others.length ? `${others.length} under way`
      : "Tick formats to prepare several after each other and to take them along as one zip.",
  }
}

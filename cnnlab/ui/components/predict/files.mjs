// What was chosen, dropped or pasted: one picture to look at, or several for a table.

import { dataSize } from "../shared/numbers.mjs"

/** @typedef {import("../upload/packing.mjs").Entry} Entry */

const ARCHIVE = /\.(zip|tar|tgz|tbz2?|txz|gz|bz2|xz|7z|rar|parquet)(\.\d+)?$/i
const MANY_ONLY = "Several pictures at once make a table: open the whole page for them."

/**
 * What is done with the files.
 * @param {Entry[]} entries without what operating systems put beside them
 * @param {{ most_bytes: number, many: boolean }} limits of one picture, and whether there are tables
 * @returns {{ picture: Entry } | { many: Entry[] } | { problem: string } |
 *   { name: string, problem: string }} the last where a picture of this name can't be asked about
 */
export function sorted(entries, limits) {
  if (!entries.length) return { problem: "There is no file in it: choose a picture." }
  const [first] = entries
  if (entries.length > 1 || ARCHIVE.test(first.path))
    return limits.many ? { many: entries } : { problem: MANY_ONLY }
  const { path: name, file: { size } } = first
  if (!size) return { name, problem: `${name} is empty (0 bytes): choose another picture.` }
  if (size > limits.most_bytes) {
    return { name, problem: `${name} has ${dataSize(size)}, the limit for a picture is ` +
      `${dataSize(limits.most_bytes)}: make it smaller.` }
  }
  return { picture: first }
}

/**
 * The pictures that were pasted; a browser gives all of them the same name.
 * @param {DataTransfer | null} pasted
 * @returns {Entry[]}
 */
export function pastedFiles(pasted) {
  return Array.from(pasted?.files ?? [], (file) => ({ path: file.name || "pasted picture", file }))
}

/**
 * Whether what is pasted is meant for a field, not for the page.
 * @param {EventTarget | null} target
 */
export function isField(target) {
  return target instanceof Element && target.closest("input, textarea, [contenteditable]") !== null
}

/**
 * The picture in the clipboard, for those who press a button.
 * @returns {Promise<Entry[]>} none where it holds no picture
 */
export async function readClipboard() {
  for (const item of await navigator.clipboard.read()) {
    const type = item.types.find((each) => each.startsWith("image/"))
    if (type) return [{ path: `pasted picture.${type.slice(6)}`, file: await item.getType(type) }]
  }
  return []
}

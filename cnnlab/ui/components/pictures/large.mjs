// One judged picture, large, with the likeliest classes; the arrow keys lead to the others.

import { make, pressable } from "../shared/dom.mjs"
import { percent } from "../shared/numbers.mjs"
import { headline, turned } from "./words.mjs"

/**
 * @typedef {import("../shared/records.d.ts").PicturesData} Data
 * @typedef {import("../shared/records.d.ts").Picture} Picture
 * @typedef {(row: number, isChosen: boolean) => void} Choose
 */

const LARGE_PX = 512

/** @param {Picture} picture */
function bars(picture) {
  const list = make("dl")
  for (const { name, probability, is_true } of picture.guesses) {
    const bar = make("dd", "cnnlab-share")
    bar.setAttribute("aria-hidden", "true")
    bar.style.setProperty("--share", `${100 * probability}%`)
    const row = make("div", is_true ? "cnnlab-true" : "", make("dt", "", is_true ? `${name} (true)` : name),
      make("dd", "", percent(probability)), bar)
    list.append(row)
  }
  return list
}

/**
 * Show one of the pictures in the dialog, which opens where it isn't open.
 * @param {HTMLDialogElement} dialog
 * @param {Data} data
 * @param {number} at index of the picture
 * @param {Set<number>} selected rows
 * @param {Choose} choose
 */
export function fillLarge(dialog, data, at, selected, choose) {
  const picture = data.pictures[at], count = data.pictures.length
  const image = make("img")
  image.src = `${data.address}/${picture.row}?px=${LARGE_PX}`
  image.alt = headline(picture)
  const show = (/** @type {number} */ step) =>
    fillLarge(dialog, data, turned(at, step, count), selected, choose)
  const plain = (/** @type {string} */ text, /** @type {() => void} */ act) => {
    const button = pressable(text, act)
    button.className = "cnnlab-plain"
    button.dataset.name = text
    return button
  }
  const pressed = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.name : ""
  const close = plain("Close", () => dialog.close())
  const foot = make("footer", "", make("span", "", `${picture.file}${picture.note ? ` · ${picture.note}` : ""}`))
  foot.append(selecting(picture.row, selected, choose))
  if (count > 1) {
    foot.append(make("span", "", plain("Back", () => show(-1)), ` ${at + 1} of ${count} `,
      plain("Next", () => show(1))))
  }
  dialog.replaceChildren(
    make("header", "", make("h2", "", headline(picture)), close),
    make("div", "cnnlab-body", image, bars(picture)), foot)
  dialog.onkeydown = (event) => {
    if (count > 1 && event.key === "ArrowRight") show(1)
    if (count > 1 && event.key === "ArrowLeft") show(-1)
  }
  dialog.onclick = (event) => {
    if (event.target === dialog) dialog.close() // `false` as an answer would undo a click in it
  }
  if (!dialog.open) dialog.showModal()
  const buttons = [...dialog.querySelectorAll("button")]
  ;(buttons.find((button) => button.dataset.name === pressed) ?? close).focus()
}

/**
 * A box that selects the picture that is shown.
 * @param {number} row
 * @param {Set<number>} selected
 * @param {Choose} choose
 */
function selecting(row, selected, choose) {
  const box = make("input")
  box.type = "checkbox"
  box.checked = selected.has(row)
  box.addEventListener("change", () => choose(row, box.checked))
  return make("label", "", box, "Selected")
}

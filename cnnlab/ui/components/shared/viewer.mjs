// A picture large, in a dialog; the arrow keys lead to the others, Escape back to where one was.

import { make, pressable } from "./dom.mjs"

/**
 * @typedef {{ source: string, title: string, note: string }} Shown
 * @typedef {{ count(): number, shown(at: number): Shown,
 *   actions?(at: number, refresh: () => void): HTMLElement[] }} Pictures what is asked for anew each
 *   time that one is shown; what an action has changed, `refresh` shows
 */

/**
 * Open the dialog with one of the pictures. The browser gives the focus back when it closes.
 * @param {HTMLDialogElement} dialog
 * @param {number} at index of the picture
 * @param {Pictures} pictures
 */
export function openViewer(dialog, at, pictures) {
  const count = pictures.count()
  if (!count) return dialog.close()
  const now = Math.min(at, count - 1)
  const { source, title, note } = pictures.shown(now)
  const image = make("img")
  image.src = source
  image.alt = title
  const turn = (/** @type {number} */ step) => openViewer(dialog, (now + step + count) % count, pictures)
  const held = document.activeElement instanceof HTMLElement ? document.activeElement.textContent : ""
  const close = pressable("Close", () => dialog.close())
  const foot = make("footer", "", make("span", "", note))
  foot.append(...pictures.actions?.(now, () => openViewer(dialog, now, pictures)) ?? [])
  if (count > 1) {
    foot.append(make("span", "", pressable("Back", () => turn(-1)),
      ` ${(now + 1).toLocaleString("en")} of ${count.toLocaleString("en")} `,
      pressable("Next", () => turn(1))))
  }
  dialog.replaceChildren(make("header", "", make("h2", "", title), close), image, foot)
  dialog.onkeydown = (event) => {
    if (count > 1 && event.key === "ArrowRight") turn(1)
    if (count > 1 && event.key === "ArrowLeft") turn(-1)
  }
  dialog.onclick = (event) => { if (event.target === dialog) dialog.close() }
  if (!dialog.open) dialog.showModal()
  const buttons = [...dialog.querySelectorAll("button")]
  ;(buttons.find(({ textContent }) => textContent === held) ?? close).focus()
  return undefined
}

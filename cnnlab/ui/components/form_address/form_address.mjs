// Keeps the form in the browser's address, without a step on its way back, and copies it as a link.

import { find } from "../shared/dom.mjs"
import { addressOfPage, addressWith } from "./addresses.mjs"

/** @typedef {{ page: string, dataset: string, told: Record<string, string> }} FormAddress */

const SAID_MS = 4000

/** @param {string} text */
async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text)
  const area = document.createElement("textarea") // pages that came without TLS have no clipboard
  area.value = text
  document.body.append(area)
  area.select()
  const isDone = document.execCommand("copy")
  area.remove()
  if (!isDone) throw new Error("The browser doesn't let pages copy.")
}

/** @type {import("../shared/component.d.ts").Draw<FormAddress>} */
export default function draw({ data, parentElement }) {
  const here = addressOfPage(location.href, data)
  if (here !== location.href) history.replaceState(history.state, "", here)
  const button = find(parentElement, "button"), said = find(parentElement, "[role=status]")
  button.onclick = async () => {
    try {
      await copy(addressWith(location.href, { ...data.told, dataset: data.dataset }))
      said.textContent = "Copied."
    } catch {
      said.textContent = "The browser doesn't let this page copy: take the address above."
    }
    setTimeout(() => { said.textContent = "" }, SAID_MS)
  }
}

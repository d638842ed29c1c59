// The corner of the header: who is signed in and where; a click opens what they may choose.

import { find, make, pressable } from "../shared/dom.mjs"
import { entries, symbol } from "./entries.mjs"

/** @typedef {import("../shared/records.d.ts").AccountData} AccountData */

/** @type {import("../shared/component.d.ts").Draw<AccountData>} */
export default function draw({ data, parentElement }) {
  const corner = find(parentElement, ".cnnlab-account"), { name, workspaces, change, leave } = data
  const drawn = JSON.stringify({ name, workspaces, change, leave })
  if (corner.dataset.drawn === drawn) return
  const list = make("ul", "", ...entries(data))
  list.id = "cnnlab-account-list"
  const here = workspaces.length > 1 ? workspaces.find(({ isHere }) => isHere) : undefined
  const button = pressable("", () => open(list.hidden))
  button.append(symbol("account_circle"), make("span", "", here ? `${name} · ${here.title}` : name))
  button.ariaLabel = here ? `Account of ${name} in ${here.title}` : `Account of ${name}`
  button.setAttribute("aria-controls", list.id)

  /** @param {boolean} isOpen */
  const open = (isOpen) => {
    list.hidden = !isOpen
    button.ariaExpanded = String(isOpen)
  }
  open(false)
  const fresh = make("div", "cnnlab-account", button, list)
  fresh.dataset.drawn = drawn
  fresh.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || list.hidden) return
    open(false)
    button.focus()
  })
  fresh.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && fresh.contains(relatedTarget))) open(false)
  })
  corner.replaceWith(fresh)
}

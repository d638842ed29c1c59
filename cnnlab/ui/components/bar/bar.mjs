// The main pages at the foot of a phone. A click changes the address as going back and forth does,
// which Streamlit hears: the page is changed without being loaded again. Links of Streamlit's own,
// hidden beside the bar to be pressed, would be drawn at every click on every screen.

import { entries, symbol } from "../account/entries.mjs"
import { find, goesElsewhere, make, pressable } from "../shared/dom.mjs"

/** @typedef {import("../shared/records.d.ts").BarData} BarData */
/** @typedef {BarData["places"][number]} Place */

/** @param {string} address of a page */
function go(address) {
  history.pushState(null, "", address)
  dispatchEvent(new PopStateEvent("popstate"))
}

/**
 * @param {Place} place
 * @param {() => void} close what is open
 */
function linkTo({ name, title, icon, isHere }, close) {
  const link = make("a", "", symbol(icon), make("span", "", title))
  link.href = `./${name}`
  if (isHere) link.setAttribute("aria-current", "page")
  link.addEventListener("click", (event) => {
    if (goesElsewhere(event)) return
    event.preventDefault()
    close()
    go(link.href)
  })
  return link
}

/**
 * The button that opens the other pages, and their list; below them stands who is signed in.
 * @param {Place[]} places
 * @param {BarData["account"]} account
 * @param {HTMLElement} bar
 */
function more(places, account, bar) {
  const list = make("ul")
  list.id = "cnnlab-more-pages"
  list.hidden = true
  const button = pressable("", () => open(list.hidden))
  button.append(symbol("more_horiz"), make("span", "", "More"))
  button.setAttribute("aria-controls", list.id)
  button.toggleAttribute("data-here", places.some(({ isHere }) => isHere))

  /** @param {boolean} isOpen */
  const open = (isOpen) => {
    list.hidden = !isOpen
    button.ariaExpanded = String(isOpen)
  }
  open(false)
  list.append(...places.map((place) => make("li", "", linkTo(place, () => open(false)))))
  if (account) list.append(...entries(account))
  bar.addEventListener("keydown", ({ key }) => {
    if (key !== "Escape" || list.hidden) return
    open(false)
    button.focus()
  })
  bar.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && bar.contains(relatedTarget))) open(false)
  })
  return [button, list]
}

/** @type {import("../shared/component.d.ts").Draw<BarData>} */
export default function draw({ data, parentElement }) {
  const bar = find(parentElement, ".cnnlab-pages"), drawn = JSON.stringify([data.places, data.account])
  if (bar.dataset.drawn === drawn) return
  bar.dataset.drawn = drawn
  const fresh = make("nav", "cnnlab-pages")
  fresh.ariaLabel = bar.ariaLabel
  fresh.dataset.drawn = drawn
  fresh.append(
    ...data.places.filter(({ isMain }) => isMain).map((place) => linkTo(place, () => {})),
    ...more(data.places.filter(({ isMain }) => !isMain), data.account, fresh),
  )
  bar.replaceWith(fresh)
}

// Links to the sections of a page: a click scrolls there and moves the focus, nothing is run again.

import { find, make } from "../shared/dom.mjs"
import { fadeEdges } from "../shared/edges.mjs"
import { HEADER } from "../scroll/scroll.mjs"

/** @typedef {{ key: string, title: string }} Jump key of a container */

/** @param {string} key */
function leap(key) {
  const section = find(document, `.st-key-${CSS.escape(key)}`)
  section.style.scrollMarginTop = HEADER
  section.scrollIntoView({ block: "start" })
  const heading = section.querySelector("h2") ?? section
  if (!(heading instanceof HTMLElement)) return
  heading.tabIndex = -1
  heading.style.outline = "none" // it is where reading goes on, nothing to be pressed
  heading.focus({ preventScroll: true })
}

/** @type {import("../shared/component.d.ts").Draw<{ jumps: Jump[] }>} */
export default function draw({ data, parentElement }) {
  const list = find(parentElement, ".cnnlab-jumps ul"), drawn = JSON.stringify(data.jumps)
  if (list.dataset.drawn === drawn) return
  list.dataset.drawn = drawn
  list.replaceChildren(...data.jumps.map(({ key, title }) => {
    const link = make("a", "", title)
    link.href = `#${key}`
    link.addEventListener("click", (event) => {
      event.preventDefault() // the address stays as it is
      leap(key)
    })
    return make("li", "", link)
  }))
  fadeEdges(list)
}

// What Streamlit runs for each of our components: it fetches the component's own module from our
// server. Streamlit runs this text from a blob, where neither relative addresses nor static imports
// lead anywhere.

const RETRY_FIRST_MS = 1000
const RETRY_MOST_MS = 30_000
const FAILED = "This part of the page could not be loaded. The page goes on trying; should that " +
  "not help, reload it."

// While the module is on its way, the data may change or the theme: only the last call counts.
const latest = new WeakMap()

/**
 * The component's module, asked for until it comes; nothing where a newer call asks for it.
 * @param {import("./component.d.ts").Component<{ module: string }>} component
 * @param {() => boolean} isLatest
 */
async function load({ data, parentElement: place }, isLatest) {
  for (let failures = 0; isLatest(); failures += 1) {
    const address = new URL(data.module, document.baseURI)
    // Another address each time: browsers may keep the failure with the one that failed.
    if (failures) address.searchParams.set("try", String(failures))
    try {
      return await import(address.href)
    } catch {
      if (isLatest()) await apologize(place, Math.min(RETRY_FIRST_MS * 2 ** failures, RETRY_MOST_MS))
    }
  }
  return undefined
}

/**
 * Say that the component isn't there, until a user presses the button or the time is over.
 * @param {HTMLElement} place
 * @param {number} milliseconds
 */
async function apologize(place, milliseconds) {
  const told = document.createElement("div")
  const line = document.createElement("p")
  const button = document.createElement("button")
  told.className = "cnnlab-told cnnlab-told-below" // the place may be too small for words
  told.setAttribute("role", "status")
  line.textContent = FAILED
  button.type = "button"
  button.textContent = "Try again"
  told.append(line, button)
  place.append(told)
  await new Promise((resolve) => {
    button.addEventListener("click", resolve)
    setTimeout(resolve, milliseconds)
  })
  told.remove()
}

/**
 * Draw it with its data, which comes as the only item of a list, see component.py.
 * @type {import("./component.d.ts").Draw<[{ module: string }]>}
 */
export default async function (given) {
  const component = { ...given, data: given.data[0] }
  const place = component.parentElement
  latest.set(place, component)
  const isLatest = () => latest.get(place) === component
  const module = await load(component, isLatest)
  if (!module || !isLatest()) return undefined
  const leave = await module.default(component)
  return () => {
    if (isLatest()) leave?.()
  }
}

// Draws the figures of a report in the colours of the moment, and again for print and when the
// window or the colours change. It stands in the report's one file, so it imports nothing; Plotly
// is the script before it.

/**
 * @typedef {{ width: number, height: number }} Size px
 * @typedef {{ data: object[], layout: any, of_traces: number[], of_labels: number[] }} Chart with
 *   the arm of each trace and of each label
 * @typedef {Chart & { element: HTMLElement }} Placed
 */

const NARROW_PX = 560
const CONFIG = {
  displaylogo: false,
  showSendToCloud: false, // nothing leaves this machine
  modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d", "autoScale2d"],
  // Other formats pass through an image that the page's policy doesn't allow.
  toImageButtonOptions: { format: "svg", filename: "figure" },
}

/**
 * A chart's layout where it has so much room.
 * @param {Chart} chart
 * @param {Record<string, any>} theme
 * @param {Size} size
 * @param {Set<number>} hidden arms that were switched off
 * @param {boolean} isTouched whether a finger points
 */
export function layoutOf(chart, theme, { width, height }, hidden, isTouched) {
  const isNarrow = width < NARROW_PX && chart.of_traces.length > 0
  const given = chart.layout
  /** @type {object[]} at the ends of the curves */
  const all = given.annotations ?? []
  const shown = isNarrow ? [] : all.filter((_, index) => !hidden.has(chart.of_labels[index]))
  return {
    ...theme, ...given, width, height,
    margin: isNarrow ? { ...given.margin, r: given.margin.l } : given.margin,
    annotations: shown,
    xaxis: { ...theme.xaxis, ...given.xaxis },
    yaxis: { ...theme.yaxis, ...given.yaxis },
    dragmode: width < NARROW_PX && isTouched ? false : "zoom",
  }
}

function themed() {
  const style = getComputedStyle(document.documentElement)
  const color = (/** @type {string} */ of) => style.getPropertyValue(`--${of}`).trim()
  const axis = {
    gridcolor: color("line"), linecolor: color("line"), zerolinecolor: color("line"),
    automargin: true,
  }
  return {
    font: { family: getComputedStyle(document.body).fontFamily, size: 12, color: color("text") },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: {
      bgcolor: color("background"), bordercolor: color("line"), font: { color: color("text") },
    },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: color("muted"), activecolor: color("text") },
    xaxis: axis,
    yaxis: axis,
  }
}

/** The charts of the page and the arms that were switched off. */
class Report {
  /** @type {Set<number>} */
  #hidden = new Set()
  /** @type {HTMLDetailsElement[]} opened for print only */
  #opened = []
  #root = document.documentElement
  #width = document.documentElement.clientWidth

  constructor() {
    this.charts = [...document.querySelectorAll("figure.chart")].map(chartOf)
    /** @type {NodeListOf<HTMLElement>} */
    const buttons = document.querySelectorAll("[data-arm]")
    for (const button of buttons) button.addEventListener("click", () => this.toggle(button))
    addEventListener("beforeprint", () => this.prepareForPrint())
    addEventListener("afterprint", () => this.backFromPrint())
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw())
    addEventListener("resize", () => this.fit())
    this.draw()
  }

  draw(wanted = this.charts) {
    const theme = themed()
    const isTouched = matchMedia("(pointer: coarse)").matches
    for (const chart of wanted) {
      const { clientWidth: width, clientHeight: height } = chart.element
      const data = chart.data.map((trace, index) =>
        ({ ...trace, visible: !this.#hidden.has(chart.of_traces[index]) }))
      const layout = layoutOf(chart, theme, { width, height }, this.#hidden, isTouched)
      const { Plotly } = /** @type {any} */ (globalThis)
      Plotly.react(chart.element, data, layout, CONFIG)
    }
  }

  /** @param {HTMLElement} button of an arm */
  toggle(button) {
    const arm = Number(button.dataset.arm)
    if (!this.#hidden.delete(arm)) this.#hidden.add(arm)
    button.setAttribute("aria-pressed", String(!this.#hidden.has(arm)))
    this.draw(this.charts.filter((chart) => chart.of_traces.length))
  }

  get isPrinting() {
    return this.#root.classList.contains("printing")
  }

  prepareForPrint() {
    if (this.isPrinting) return
    this.#opened = [...document.querySelectorAll("details")].filter((details) => !details.open)
    for (const details of this.#opened) details.open = true
    this.#root.classList.add("printing")
    this.draw()
  }

  backFromPrint() {
    for (const details of this.#opened) details.open = false
    this.#opened = []
    this.#root.classList.remove("printing")
    this.draw()
  }

  fit() {
    if (this.isPrinting || this.#root.clientWidth === this.#width) return
    this.#width = this.#root.clientWidth
    requestAnimationFrame(() => this.draw())
  }
}

/**
 * @param {Element} figure
 * @returns {Placed}
 */
function chartOf(figure) {
  const element = figure.querySelector(".plot")
  const content = figure.querySelector("script")?.textContent
  if (!(element instanceof HTMLElement) || !content) throw new Error("A figure is incomplete.")
  return { element, ...JSON.parse(content) }
}

if (globalThis.document) new Report() // not where its arithmetic is tested

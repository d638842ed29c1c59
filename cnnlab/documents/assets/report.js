"use strict"
// Draws the figures of a report in the colours of the moment, and again for print and when the
// window or the colours change.
{
  const NARROW_PX = 560
  const LABEL_PX = 15
  const AROUND_PX = 60 // above and below the axes
  const CONFIG = {
    displaylogo: false,
    showSendToCloud: false, // nothing leaves this machine
    modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d", "autoScale2d"],
    // Other formats pass through an image that the page's policy doesn't allow.
    toImageButtonOptions: { format: "svg", filename: "figure" },
  }
  const root = document.documentElement
  const hidden = new Set()
  const charts = [...document.querySelectorAll("figure.chart")].map((figure) => ({
    element: figure.querySelector(".plot"),
    ...JSON.parse(figure.querySelector("script").textContent),
  }))

  function themed() {
    const style = getComputedStyle(root)
    const color = (name) => style.getPropertyValue(`--${name}`).trim()
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

  // Labels at the ends of the curves, moved up and down so that none covers another.
  function apart(labels, range, height) {
    const pixels = (height - AROUND_PX) / (range ? range[1] - range[0] : 1)
    const sorted = [...labels].sort((one, other) => one.y - other.y)
    const wanted = sorted.map((label) => (label.y - (range ? range[0] : 0)) * pixels)
    const placed = []
    for (const at of wanted) placed.push(Math.max(at, (placed.at(-1) ?? -LABEL_PX) + LABEL_PX))
    let above = height - AROUND_PX
    for (let index = placed.length - 1; index >= 0; index -= 1) {
      placed[index] = Math.min(placed[index], above)
      above = placed[index] - LABEL_PX
    }
    return sorted.map((label, index) => ({ ...label, yshift: placed[index] - wanted[index] }))
  }

  function layoutOf(chart, theme, width) {
    const narrow = width < NARROW_PX && chart.of_traces.length > 0
    const given = chart.layout
    const shown = (given.annotations ?? []).filter((_, index) =>
      !narrow && !hidden.has(chart.of_labels[index]))
    const labels = chart.of_labels.length
      ? apart(shown, given.yaxis.range, chart.element.clientHeight) : shown
    const margin = narrow ? { ...given.margin, r: given.margin.l } : given.margin
    return {
      ...theme, ...given, margin, width,
      annotations: labels,
      xaxis: { ...theme.xaxis, ...given.xaxis },
      yaxis: { ...theme.yaxis, ...given.yaxis },
      height: chart.element.clientHeight,
      dragmode: width < NARROW_PX && matchMedia("(pointer: coarse)").matches ? false : "zoom",
    }
  }

  function draw(wanted = charts) {
    const theme = themed()
    for (const chart of wanted) {
      const width = chart.element.clientWidth
      const data = chart.data.map((trace, index) =>
        ({ ...trace, visible: !hidden.has(chart.of_traces[index]) }))
      Plotly.react(chart.element, data, layoutOf(chart, theme, width), CONFIG)
    }
  }

  for (const button of document.querySelectorAll("[data-arm]")) {
    button.addEventListener("click", () => {
      const arm = Number(button.dataset.arm)
      if (!hidden.delete(arm)) hidden.add(arm)
      button.setAttribute("aria-pressed", String(!hidden.has(arm)))
      draw(charts.filter((chart) => chart.of_traces.length))
    })
  }

  let opened = []
  function prepareForPrint() {
    if (root.classList.contains("printing")) return
    opened = [...document.querySelectorAll("details:not([open])")]
    for (const details of opened) details.open = true
    root.classList.add("printing")
    draw()
  }
  function backFromPrint() {
    for (const details of opened) details.open = false
    opened = []
    root.classList.remove("printing")
    draw()
  }
  addEventListener("beforeprint", prepareForPrint)
  addEventListener("afterprint", backFromPrint)
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => draw())
  let width = root.clientWidth
  addEventListener("resize", () => {
    if (root.classList.contains("printing") || root.clientWidth === width) return
    width = root.clientWidth
    requestAnimationFrame(() => draw())
  })
  draw()
}

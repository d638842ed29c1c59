// How our charts look in the theme of the moment, and how they behave. A finger that moves over a
// chart moves the page, and there is no bar to hold it with a mouse.

import { isTouched } from "./dom.mjs"

/**
 * The colours and the font of the page at the moment.
 * @param {Element} element
 * @returns {import("./plotly.d.ts").Theme}
 */
export function themeOf(element) {
  const style = getComputedStyle(element)
  const read = (/** @type {string} */ name, /** @type {string} */ otherwise) =>
    style.getPropertyValue(name).trim() || otherwise
  return {
    text: read("--st-text-color", "#1f2430"),
    background: read("--st-background-color", "#ffffff"),
    muted: read("--st-gray-text-color", "#808495"),
    line: read("--st-border-color", "#d9dce3"),
    font: read("--st-font", "sans-serif"),
  }
}

/**
 * What all charts have in common.
 * @param {import("./plotly.d.ts").Theme} theme
 */
export function themedLayout(theme) {
  const axis = {
    gridcolor: theme.line, linecolor: theme.line, zerolinecolor: theme.line, automargin: true,
  }
  return {
    dragmode: isTouched() ? false : "zoom",
    font: { family: theme.font, size: 13, color: theme.text },
    paper_bgcolor: "rgba(0,0,0,0)",
    plot_bgcolor: "rgba(0,0,0,0)",
    hoverlabel: { bgcolor: theme.background, bordercolor: theme.line, font: { color: theme.text } },
    modebar: { bgcolor: "rgba(0,0,0,0)", color: theme.muted, activecolor: theme.text },
    xaxis: axis,
    yaxis: axis,
  }
}

/** How all charts behave. */
export function plotlyConfig() {
  return {
    displayModeBar: isTouched() ? false : "hover",
    displaylogo: false,
    responsive: true,
    showSendToCloud: false, // nothing leaves this machine
    modeBarButtonsToRemove: ["sendChartToCloud", "select2d", "lasso2d", "autoScale2d", "toImage"],
  }
}

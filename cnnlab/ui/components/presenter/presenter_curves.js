// The chart of the replay: mean curve and band of each arm up to a place on the x axis, as SVG.

const SVG = "http://www.w3.org/2000/svg"
const DASHES = {
  solid: "", dash: "9 5", dashdot: "9 4 2 4", dot: "2 4", longdash: "16 6", longdashdot: "16 5 3 5",
}
const MOST_LABEL_SHARE = 0.3

function svg(name, attributes = {}, text) {
  const element = document.createElementNS(SVG, name)
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
  if (text !== undefined) element.textContent = text
  return element
}

// Round numbers that cover most of the range.
function ticksOf(low, high, most) {
  const rough = (high - low) / Math.max(1, most)
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough)
  const ticks = []
  for (let number = Math.ceil(low / step - 1e-9); number <= high / step + 1e-9; number += 1)
    ticks.push(Number((number * step).toPrecision(12)))
  return ticks
}

// The points up to `at`, the last one between two of them where `at` is.
function upTo(series, at) {
  const points = []
  for (let index = 0; index < series.x.length; index += 1) {
    const x = series.x[index]
    const now = { x, mean: series.mean[index], low: series.low[index], high: series.high[index] }
    if (x <= at) {
      points.push(now)
      continue
    }
    const last = points.at(-1)
    if (last) {
      const share = (at - last.x) / (x - last.x)
      const between = (name) => (last[name] == null || now[name] == null ? null
        : last[name] + share * (now[name] - last[name]))
      points.push({ x: at, mean: between("mean"), low: between("low"), high: between("high") })
    }
    break
  }
  return points.filter((point) => point.mean != null)
}

class CurveChart {
  constructor(place, story) {
    this.place = place
    this.curves = story.curves
    this.styles = new Map(story.arms.map((arm) => [arm.name, arm]))
    this.hidden = new Set()
    this.svg = svg("svg", { role: "img", "aria-label": story.curves.alt })
    this.place.prepend(this.svg)
    this.size = new ResizeObserver(() => this.frame())
    this.size.observe(place)
  }

  remove() {
    this.size.disconnect()
    this.svg.remove()
  }

  // Axes and the elements that each picture changes; again whenever the size changes.
  frame() {
    const { width, height } = this.place.getBoundingClientRect()
    if (!width || !height) return
    const type = Math.round(Math.min(30, Math.max(12, width / 58)))
    this.svg.style.setProperty("--type", `${type}px`)
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`)
    this.svg.replaceChildren()
    this.type = type
    this.box = { left: 3.4 * type, right: width - this.labelWidth(width), top: 0.8 * type,
      bottom: height - 3 * type }
    this.axes(width)
    this.clip()
    this.parts = new Map(this.curves.arms.map((series) => [series.arm, this.arm(series)]))
    this.draw(this.at ?? this.curves.first)
  }

  labelWidth(width) {
    const probe = svg("text", { class: "cnnlab-p-head", visibility: "hidden" })
    this.svg.append(probe)
    const widest = Math.max(0, ...this.curves.arms.map((series) => {
      probe.textContent = this.styles.get(series.arm).label
      return probe.getComputedTextLength()
    }))
    this.labelMost = Math.min(widest, MOST_LABEL_SHARE * width)
    probe.remove()
    return this.labelMost + 1.2 * this.type
  }

  x(value) {
    const { first, last } = this.curves, { left, right } = this.box
    return left + ((value - first) / Math.max(1e-9, last - first)) * (right - left)
  }

  y(value) {
    const [low, high] = this.curves.range, { top, bottom } = this.box
    return bottom - ((value - low) / (high - low)) * (bottom - top)
  }

  axes() {
    const { left, right, top, bottom } = this.box, [low, high] = this.curves.range
    const factor = this.curves.in_percent ? 100 : 1
    const rows = ticksOf(factor * low, factor * high, (bottom - top) / (3.2 * this.type))
    const decimals = Math.max(...rows.map((tick) => (String(tick).split(".")[1] ?? "").length))
    for (const tick of rows) {
      const y = this.y(tick / factor)
      this.svg.append(svg("line", { class: "cnnlab-p-grid", x1: left, x2: right, y1: y, y2: y }))
      this.svg.append(svg("text", { class: "cnnlab-p-axis", x: left - 0.5 * this.type, y,
        dy: ".35em", "text-anchor": "end" },
      `${tick.toFixed(decimals)}${this.curves.in_percent ? "%" : ""}`))
    }
    const { first, last } = this.curves
    const columns = ticksOf(first, last, (right - left) / (5 * this.type))
    for (const tick of columns.filter((value) => this.curves.in_share || Number.isInteger(value)))
      this.svg.append(svg("text", { class: "cnnlab-p-axis", x: this.x(tick),
        y: bottom + 1.3 * this.type, "text-anchor": "middle" }, tick))
    this.svg.append(svg("text", { class: "cnnlab-p-axis", x: (left + right) / 2,
      y: bottom + 2.7 * this.type, "text-anchor": "middle" }, this.curves.axis))
  }

  // What bands have above or below the axis isn't drawn over the rest of the slide.
  clip() {
    const { left, right, top, bottom } = this.box
    const clip = svg("clipPath", { id: "cnnlab-p-clip" })
    clip.append(svg("rect", { x: left - 4, y: top - 6, width: right - left + 12,
      height: bottom - top + 8 }))
    this.svg.append(clip)
  }

  arm({ arm }) {
    const { color, dash, label } = this.styles.get(arm)
    const inside = { "clip-path": "url(#cnnlab-p-clip)", "data-arm": arm }
    const parts = {
      band: svg("path", { ...inside, class: "cnnlab-p-band", fill: color, "fill-opacity": 0.14 }),
      line: svg("path", { ...inside, class: "cnnlab-p-line", fill: "none", stroke: color,
        "stroke-width": Math.max(2.5, this.type / 5), "stroke-linejoin": "round",
        "stroke-dasharray": DASHES[dash] ?? "" }),
      dot: svg("circle", { r: this.type / 2.6, fill: color }),
      head: svg("text", { class: "cnnlab-p-head", style: `fill: ${color}`, dy: ".35em" }),
    }
    this.svg.append(...Object.values(parts))
    this.shorten(parts.head, label)
    return parts
  }

  shorten(element, text) {
    element.textContent = text
    for (let most = text.length - 1; most > 1; most -= 1) {
      if (element.getComputedTextLength() <= this.labelMost + 1) return
      element.textContent = `${text.slice(0, most)}…`
    }
  }

  draw(at) {
    this.at = at
    if (!this.parts) return
    const heads = []
    for (const series of this.curves.arms) {
      const parts = this.parts.get(series.arm)
      const points = this.hidden.has(series.arm) ? [] : upTo(series, at)
      for (const part of Object.values(parts)) part.style.display = points.length ? "" : "none"
      if (!points.length) continue
      const path = (list, name) => list
        .map((point) => `${this.x(point.x).toFixed(1)} ${this.y(point[name]).toFixed(1)}`).join("L")
      parts.line.setAttribute("d", `M${path(points, "mean")}`)
      const known = points.filter((point) => point.low != null && point.high != null)
      parts.band.setAttribute("d", known.length
        ? `M${path(known, "high")}L${path([...known].reverse(), "low")}Z` : "")
      const last = points.at(-1)
      heads.push({ parts, x: this.x(last.x), y: this.y(last.mean) })
    }
    this.placeHeads(heads)
  }

  // The labels ride with the curves, pushed apart where they would lie upon each other: as near to
  // their curves as their heights allow (least squares, by pooling adjacent violators).
  placeHeads(heads) {
    const step = 1.15 * this.type, { top, bottom } = this.box
    heads.sort((one, other) => one.y - other.y)
    const blocks = []
    heads.forEach((head, place) => {
      let block = { sum: head.y - place * step, count: 1 }
      while (blocks.length && blocks.at(-1).sum / blocks.at(-1).count > block.sum / block.count) {
        const last = blocks.pop()
        block = { sum: last.sum + block.sum, count: last.count + block.count }
      }
      blocks.push(block)
    })
    const starts = blocks.flatMap(({ sum, count }) => Array(count).fill(sum / count))
    const most = Math.max(top, bottom - step * (heads.length - 1))
    heads.forEach(({ parts, x, y }, place) => {
      const at = Math.min(most, Math.max(top, starts[place])) + place * step
      parts.dot.setAttribute("cx", x)
      parts.dot.setAttribute("cy", y)
      parts.head.setAttribute("x", x + 0.8 * this.type)
      parts.head.setAttribute("y", at)
    })
  }
}

// Images as tiles; a click selects, with Shift all between. What is selected is told at once, so
// that a button pressed right after a click has it.

function draw(grid, data) {
  grid.style.setProperty("--tile", `${data.tile}px`)
  grid.dataset.fixed = String(!data.selectable)
  grid.replaceChildren(...data.images.map((image, index) => {
    const tile = document.createElement("button")
    tile.type = "button"
    tile.role = "option"
    tile.dataset.index = index
    tile.title = `${image.file}\n${image.label}${image.note ? `, ${image.note}` : ""}`
    if (image.starts_group) tile.classList.add("cnnlab-start")
    const frame = document.createElement("span")
    frame.className = "cnnlab-frame"
    const picture = document.createElement("img")
    picture.src = `${data.address}/${image.row}?px=${data.px}&token=${data.token}`
    picture.loading = "lazy"
    picture.alt = `${image.label}: ${image.file}`
    frame.append(picture)
    const name = document.createElement("span")
    name.className = "cnnlab-name"
    name.textContent = image.label
    tile.append(frame, name)
    if (image.note) {
      const note = document.createElement("span")
      note.className = "cnnlab-name cnnlab-note"
      note.textContent = image.note
      tile.append(note)
    }
    return tile
  }))
}

function mark(grid, images, selected) {
  for (const tile of grid.children)
    tile.setAttribute("aria-selected", String(selected.has(images[tile.dataset.index].row)))
}

export default function ({ data, parentElement, setStateValue }) {
  const grid = parentElement.querySelector(".cnnlab-gallery")
  const drawn = JSON.stringify([data.version, data.images.map((image) => image.row)])
  if (grid.cnnlabDrawn !== drawn) {
    grid.cnnlabDrawn = drawn
    grid.cnnlabSelected = new Set()
    draw(grid, data)
  }
  const selected = grid.cnnlabSelected
  mark(grid, data.images, selected)
  grid.onclick = (event) => {
    const tile = event.target.closest("button")
    if (!tile || !data.selectable) return
    const index = Number(tile.dataset.index)
    const from = event.shiftKey ? (grid.cnnlabLast ?? index) : index
    const adds = !selected.has(data.images[index].row)
    for (let at = Math.min(from, index); at <= Math.max(from, index); at += 1)
      selected[adds ? "add" : "delete"](data.images[at].row)
    grid.cnnlabLast = index
    mark(grid, data.images, selected)
    setStateValue("selected", { version: data.version, rows: [...selected] })
  }
}

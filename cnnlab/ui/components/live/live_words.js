// Status, progress, numbers and log of a run, in words.

const percent = (value) => (value == null ? "–" : `${(100 * value).toFixed(1)} %`)
const points = (value) => `${value >= 0 ? "+" : "−"}${Math.abs(100 * value).toFixed(1)} points`
const count = (value) => value.toLocaleString("en")
const digits = (value) => (value == null ? "–" : Number(value.toPrecision(3)).toString())

function duration(seconds) {
  if (seconds < 60) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`
}

function set(root, name, text) {
  const element = root.querySelector(`[data-show="${name}"]`)
  if (element.textContent !== text) element.textContent = text
}

function progressOf(stream, facts) {
  const step = stream.steps.at(-1)
  const inside = step ? (step.step + 1) / facts.steps_per_epoch : 0
  return Math.min(stream.epochs.length + inside, facts.epochs)
}

function bestOf(epochs) {
  let best
  for (const record of epochs) {
    const better = !best || record.val_accuracy > best.val_accuracy ||
      (record.val_accuracy === best.val_accuracy &&
        record.val_cross_entropy < best.val_cross_entropy)
    if (better) best = record
  }
  return best
}

const WORDS = {
  queued: "Queued", running: "Running", finished: "Finished", stopped: "Stopped",
  failed: "Failed", interrupted: "Interrupted",
}

const ORDINALS = new Intl.PluralRules("en", { type: "ordinal" })
const SUFFIXES = { one: "st", two: "nd", few: "rd", other: "th" }

function queueWords(place) {
  if (!place) return "Waits until the runs before it have ended."
  if (place === 1) return "Next in the queue."
  return `${place}${SUFFIXES[ORDINALS.select(place)]} in the queue.`
}

function drawStatus(root, stream, data) {
  const status = stream.state.status ?? data.status
  const stopping = stream.state.stopping ?? data.stopping
  const message = stream.state.status ? stream.state.message : data.message
  const pill = root.querySelector(".cnnlab-pill")
  pill.dataset.status = status
  set(root, "status", status === "running" && stopping ? "Stopping" : WORDS[status])
  const phase = stream.state.phase || stream.phase || "Starting the worker"
  const lines = {
    queued: queueWords(stream.state.place ?? data.place),
    running: stream.connected ? phase : "Connecting again ...",
  }
  set(root, "doing", stream.state.error ?? lines[status] ?? message ?? "")
  set(root, "note", lines[status] ? message ?? "" : "")
  set(root, "device", stream.state.device ?? data.device ?? "")
  const byHand = stream.turns.length || (stream.state.changed_by_hand ?? data.changed_by_hand)
  root.querySelector(".cnnlab-hand").hidden = !byHand
}

function drawNumbers(root, stream, data) {
  const facts = stream.state.facts ?? {}
  const status = stream.state.status ?? data.status
  const ended = ENDED.has(status)
  const total = facts.epochs ?? data.epochs
  const done = facts.epochs ? progressOf(stream, facts) : 0
  const bar = root.querySelector("[role=progressbar]")
  const share = ended ? stream.epochs.length / total : done / total
  bar.setAttribute("aria-valuenow", Math.round(100 * share))
  bar.firstElementChild.style.width = `${100 * share}%`
  bar.dataset.waiting = status === "running" && !facts.epochs
  const last = stream.epochs.at(-1), step = stream.steps.at(-1)
  const now = !ended && facts.epochs ? Math.min(stream.epochs.length + 1, total) : stream.epochs.length
  set(root, "epoch", now || ended ? `Epoch ${now} of ${total}` : `${total} epochs`)
  const left = status === "running" && !(stream.state.stopping ?? data.stopping)
  set(root, "left", left ? timeLeft(stream, facts, done) : "")
  const speed = (step ?? last)?.images_per_second
  set(root, "speed", speed ? `${count(Math.round(speed))} images/s` : "")
  const rate = (step ?? last)?.learning_rate
  set(root, "rate", rate ? `learning rate ${digits(rate)}` : "")
  drawCards(root, stream, facts, ended)
}

// While a run goes on, the cards show its last epoch; then the one whose model is kept.
function drawCards(root, stream, facts, ended) {
  const best = bestOf(stream.epochs)
  const shown = ended ? best : stream.epochs.at(-1)
  const which = shown ? `epoch ${shown.epoch + 1}` : ""
  const kept = best ? `best ${percent(best.val_accuracy)}, epoch ${best.epoch + 1}` : ""
  set(root, "validation", percent(shown?.val_accuracy))
  set(root, "best", ended && best ? `${which}, the best` : kept)
  set(root, "clean", percent(shown?.clean_accuracy))
  set(root, "subset", facts.clean_is_subset
    ? `on ${count(facts.clean_images)} of ${count(facts.train_images)} images`
    : "nothing random switched on")
  set(root, "gap", shown ? points(shown.clean_accuracy - shown.val_accuracy) : "–")
  set(root, "entropy", digits(shown?.val_cross_entropy))
}

function timeLeft(stream, facts, done) {
  if (!facts.epochs || done < 0.02) return "time left: measuring"
  if (done >= facts.epochs) return "finishing"
  const step = stream.steps.at(-1)
  const whole = stream.epochs.length ? epochSeconds(stream) : 0
  if (whole) return `${duration(whole * (facts.epochs - done))} left`
  return step ? `${duration((step.seconds / done) * (facts.epochs - done))} left` : ""
}

function epochSeconds(stream) {
  const recent = stream.epochs.slice(-5)
  const sum = (name) => recent.reduce((total, record) => total + record[name], 0)
  return (sum("seconds") + sum("evaluation_seconds")) / recent.length
}

function drawLog(root, stream) {
  const pre = root.querySelector("pre")
  const text = stream.state.log || "The worker has said nothing yet."
  if (pre.textContent === text) return
  const atEnd = pre.scrollTop + pre.clientHeight >= pre.scrollHeight - 8
  pre.textContent = text
  if (atEnd) pre.scrollTop = pre.scrollHeight
}

// Numbers on screen with their unit: the rules of `cnnlab/domain/words.py`, held together with it by
// the cases that both are tested with (tests/browser/cases.json).

export const UNKNOWN = "–"
export const MINUS = "−" // as wide as a plus, and no line ends behind it
export const NO_BREAK = "\u00a0" // between a number and its unit: no line ends there
export const PERCENT = `${NO_BREAK}%` // behind a number
const MOST_OF_A_UNIT = 90 // 89 s and 89 min read well, 150 min don't
const MOST_IN_THREE_DIGITS = 999.5
const A_ROUNDING = 1e-9 // from 0 and from 1, of a share that was computed
const BINARY_UNITS = ["bytes", "KiB", "MiB", "GiB"]

/**
 * A number with so many decimals; what lies just in the middle goes to the even digit, as in Python.
 * @param {number} value
 * @param {number} decimals
 */
export function fixed(value, decimals) {
  const exact = Math.abs(value).toFixed(60)
  const dropped = exact.slice(exact.indexOf(".") + 1 + decimals)
  const kept = exact.slice(0, exact.length - dropped.length).replace(/\.$/, "")
  const isTie = /^50*$/.test(dropped)
  if (!isTie || Number(kept.at(-1)) % 2) return value.toFixed(decimals)
  return value < 0 ? `-${kept}` : kept
}

/**
 * A number with so many significant digits before its decimals end; whole ones keep all.
 * @param {number} value
 * @param {number} places
 */
function significant(value, places) {
  const size = Number(value.toExponential().split("e")[1])
  return Number(fixed(value, Math.max(0, places - 1 - size))).toString()
}

/**
 * A share 0..1 as a percentage, a dash if it isn't known. What isn't all or nothing is never rounded
 * to it: 0.9998 is `> 99.9 %`, 0.0001 `< 0.1 %`.
 * @param {number | null | undefined} share
 */
export function percent(share) {
  if (share == null) return UNKNOWN
  const shown = fixed(100 * share, 1)
  const isBetween = share > A_ROUNDING && share < 1 - A_ROUNDING
  if (isBetween && Number(shown) === 0) return `< 0.1${PERCENT}`
  return isBetween && Number(shown) === 100 ? `> 99.9${PERCENT}` : `${shown}${PERCENT}`
}

/**
 * A difference of two shares in percentage points, with its sign; none has none.
 * @param {number} difference
 */
export function points(difference) {
  const shown = fixed(Math.abs(100 * difference), 1)
  const sign = difference > 0 ? "+" : MINUS
  return `${Number(shown) ? sign : ""}${shown} points`
}

/**
 * A class's name within a sentence: `cat`, but '8', which beside numbers reads as one.
 * @param {string} name
 */
export function called(name) {
  return /\p{L}/u.test(name) ? name : `'${name}'`
}

/**
 * A whole number.
 * @param {number} value
 */
export function count(value) {
  return value.toLocaleString("en")
}

/**
 * Three significant digits.
 * @param {number | null | undefined} value
 */
export function digits(value) {
  return value == null ? UNKNOWN : Number(value.toPrecision(3)).toString()
}

/**
 * A time span in the unit that suits it: `0.4 s`, `12 s`, `3 min`, `2 h 5 min`.
 * @param {number} seconds
 */
export function duration(seconds) {
  if (seconds < 10) return `${significant(seconds, 2)}${NO_BREAK}s`
  if (seconds < MOST_OF_A_UNIT) return `${fixed(seconds, 0)}${NO_BREAK}s`
  const minutes = Number(fixed(seconds / 60, 0))
  if (minutes < MOST_OF_A_UNIT) return `${minutes}${NO_BREAK}min`
  return `${Math.floor(minutes / 60)}${NO_BREAK}h ${minutes % 60}${NO_BREAK}min`
}

/**
 * A size of files or memory, always by powers of 1024: `20 MiB`, `1.86 GiB`.
 * @param {number} bytes
 */
export function dataSize(bytes) {
  let size = bytes
  let unit = 0
  while (size >= MOST_IN_THREE_DIGITS && unit < BINARY_UNITS.length - 1) {
    size /= 1024
    unit += 1
  }
  const shown = size < MOST_IN_THREE_DIGITS ? significant(size, 3) : count(Number(fixed(size, 0)))
  return `${shown}${NO_BREAK}${BINARY_UNITS[unit]}`
}

/**
 * A number with its unit: `15°` and `2 px`, `0.5` where there is none.
 * @param {string} value
 * @param {string} unit
 */
export function withUnit(value, unit) {
  return `${value}${unit && unit !== "°" ? " " : ""}${unit}`
}

/**
 * At most so many of the values, evenly spaced, the first and the last kept.
 * @template T
 * @param {T[]} values
 * @param {number} limit
 * @returns {T[]}
 */
export function thin(values, limit) {
  if (values.length <= limit) return values
  const step = (values.length - 1) / (limit - 1)
  return Array.from({ length: limit }, (_, index) => values[Number(fixed(index * step, 0))])
}

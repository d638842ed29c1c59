// Curves with their noise taken out, beside what was measured.

/**
 * The exponentially weighted mean of each value and those before it, unbiased from the first on.
 * Values that are missing stay so.
 * @param {(number | null | undefined)[]} values
 * @param {number} weight 0..1 of what came before; 0 leaves the values as they are
 * @returns {(number | null)[]}
 */
export function smoothed(values, weight) {
  let sum = 0
  let weights = 0
  return values.map((value) => {
    if (value == null || !Number.isFinite(value)) return null
    sum = weight * sum + (1 - weight) * value
    weights = weight * weights + (1 - weight)
    return sum / weights
  })
}

// What the epochs of a run say together.

/** @typedef {import("../shared/records.d.ts").EpochRecord} EpochRecord */

/**
 * The epoch with the highest validation accuracy, ties by the lower cross-entropy, then the first:
 * the rule of `cnnlab.domain.history.best_epoch`. An unknown accuracy is the lowest, an unknown
 * cross-entropy the highest.
 * @template {Pick<EpochRecord, "epoch" | "val_accuracy" | "val_cross_entropy">} Epoch
 * @param {Epoch[]} epochs
 * @returns {Epoch | undefined}
 */
export function bestOf(epochs) {
  let best
  for (const record of epochs) if (!best || isBetter(record, best)) best = record
  return best
}

/**
 * @param {Pick<EpochRecord, "val_accuracy" | "val_cross_entropy">} one
 * @param {Pick<EpochRecord, "val_accuracy" | "val_cross_entropy">} other
 */
function isBetter(one, other) {
  const [accuracy, best] = [one.val_accuracy ?? -1, other.val_accuracy ?? -1]
  if (accuracy !== best) return accuracy > best
  return (one.val_cross_entropy ?? Infinity) < (other.val_cross_entropy ?? Infinity)
}

/**
 * Clean train accuracy minus validation accuracy, or null where one is unknown.
 * @param {Pick<EpochRecord, "clean_accuracy" | "val_accuracy">} record
 */
export function gapOf({ clean_accuracy: clean, val_accuracy: validation }) {
  return clean == null || validation == null ? null : clean - validation
}

/**
 * Seconds that an epoch takes, its evaluation included, by the last few.
 * @param {Pick<EpochRecord, "seconds" | "evaluation_seconds">[]} epochs
 */
export function epochSeconds(epochs) {
  const recent = epochs.slice(-5)
  const sum = recent.reduce((total, { seconds, evaluation_seconds: judging }) =>
    total + seconds + (judging ?? 0), 0)
  return recent.length ? sum / recent.length : 0
}

// Which module draws which slide.

import { isThere } from "./deck.mjs"
import { drawGap } from "./slides/gap.mjs"
import { drawMistakes } from "./slides/mistakes.mjs"
import { drawPanels } from "./slides/panels.mjs"
import { drawData, drawExpect, drawLimits, drawQuestion } from "./slides/plain.mjs"
import { Replay } from "./slides/replay.mjs"
import { drawVerdict } from "./slides/verdict.mjs"

/**
 * What draws each slide, by the name of its part in the story.
 * @param {import("./presenter.mjs").Presenter} presenter
 * @returns {Record<string, (section: HTMLElement) => void>}
 */
export function drawsOf(presenter) {
  const { story, expected, pictures } = presenter
  return {
    question: (section) => drawQuestion(section, story),
    data: (section) => drawData(section, story, pictures),
    expect: (section) => drawExpect(section, story, expected, () => {
      if (isThere(story, "verdict")) drawVerdict(presenter.section("verdict"), story, expected)
    }),
    curves: (section) => {
      if (presenter.replay) presenter.replay.update(story)
      else presenter.replay = new Replay(section, story)
    },
    gap: (section) => drawGap(section, story),
    verdict: (section) => drawVerdict(section, story, expected),
    dose: (section) => drawPanels(section, story, story.dose),
    worth: (section) => drawPanels(section, story, story.worth),
    robustness: (section) => drawPanels(section, story, story.robustness),
    mistakes: (section) => drawMistakes(section, story, pictures),
    limits: (section) => drawLimits(section, story),
  }
}

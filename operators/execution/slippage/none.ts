// Takers get the prices that are known.
import type { About } from '../about.ts'

export const aboutNone: About = {
  name: 'none',
  meaning: 'takers get the recorded prices, level by level: beside the levels that they empty, they move nothing',
  source: 'the recorded book itself',
}

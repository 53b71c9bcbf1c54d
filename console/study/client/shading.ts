// The colour of a value: none at what is neutral, the colours of gain and loss on its two sides, as they are now on the page.
import { token } from '../../report/client/theme.ts'
import type { Metric } from '../data.ts'

/** How far a colour is mixed into the page at most: text on it stays readable. */
const strongest = 0.72

export interface Shading {
  /** CSS colours: of a cell, and of a text on it. */
  fill(value: number): string
  ink(value: number): string
  /** Whether it is on the bad side of what is neutral: said by a stroke, too. */
  isBad(value: number): boolean
}

/** In: low, high — the extent of what is shown. */
export function shadingOf({ neutral, better }: Metric, low: number, high: number): Shading {
  const [page, good, bad] = ['surface', 'gain', 'loss'].map((name) => channelsOf(token(name))) as [
    Channels,
    Channels,
    Channels,
  ]
  const sign = better === 'larger' ? 1 : -1
  const shade = neutral === undefined ? oneSided : twoSided
  return {
    fill: (value) => `rgb(${shade(value).join(' ')})`,
    ink: (value) => (isPale(shade(value)) ? '#000000' : '#ffffff'),
    isBad: (value) => neutral !== undefined && (value - neutral) * sign < 0,
  }

  function oneSided(value: number): Channels {
    const part = (sign > 0 ? value - low : high - value) / (high - low || 1)
    return mixed(page, good, 0.08 + part * (strongest - 0.08))
  }

  /** Both sides by one measure: equally strong colours are equally far from neutral. */
  function twoSided(value: number): Channels {
    const far = Math.max(Math.abs(low - neutral!), Math.abs(high - neutral!)) || 1
    const away = ((value - neutral!) * sign) / far
    return mixed(page, away < 0 ? bad : good, Math.abs(away) * strongest)
  }
}

type Channels = readonly [number, number, number]

function mixed(from: Channels, to: Channels, part: number): Channels {
  const at = (channel: 0 | 1 | 2) => Math.round(from[channel] + (to[channel] - from[channel]) * part)
  return [at(0), at(1), at(2)]
}

/** Whether black stands out from it more than white does (WCAG 2.2, relative luminance above 0.179). */
function isPale(channels: Channels): boolean {
  const [red, green, blue] = channels.map((channel) => {
    const part = channel / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  }) as [number, number, number]
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179
}

/** Of `#rrggbb`. */
function channelsOf(colour: string): Channels {
  const at = (digit: number) => Number.parseInt(colour.slice(digit, digit + 2), 16) || 0
  return [at(1), at(3), at(5)]
}

// The range of time that all charts of a page show, and the keys that move it.
import type { Panel, Range } from './panel.ts'

/** No closer than this many µs: rows of one message share a time. */
const closest = 1_000

export class View implements Range {
  from: number
  to: number
  readonly panels: Panel[] = []
  private readonly first: number
  private readonly last: number
  private crosshair: number | undefined

  /** @param whole the widest range, µs */
  constructor(whole: { readonly from: number; readonly to: number }) {
    this.first = whole.from
    this.last = Math.max(whole.to, whole.from + closest)
    this.from = this.first
    this.to = this.last
  }

  show(from: number, to: number): void {
    const span = Math.min(Math.max(to - from, closest), this.last - this.first)
    this.from = Math.max(this.first, Math.min(from, this.last - span))
    this.to = this.from + span
    this.draw()
  }

  reset(): void {
    this.show(this.first, this.last)
  }

  draw(): void {
    for (const panel of this.panels) panel.draw()
    const whole = this.from === this.first && this.to === this.last
    for (const button of document.querySelectorAll<HTMLElement>('[data-reset]')) button.hidden = whole
  }

  /** Left and right move the crosshair (with shift the range), up and down zoom, Home and End jump, Escape shows all. */
  key(panel: Panel, event: KeyboardEvent): void {
    const { key, shiftKey } = event
    const way = key === 'ArrowLeft' ? -1 : key === 'ArrowRight' ? 1 : 0
    if (way !== 0 && shiftKey) this.move(way * 0.2)
    else if (way !== 0) this.step(panel, way)
    else if (key === 'ArrowUp' || key === '+') this.zoom(0.5)
    else if (key === 'ArrowDown' || key === '-') this.zoom(2)
    else if (key === 'Home') this.show(this.first, this.first + this.to - this.from)
    else if (key === 'End') this.show(this.last - (this.to - this.from), this.last)
    else if (key === 'Escape') this.reset()
    else return
    event.preventDefault()
  }

  /** Moves the range by a part of itself. */
  private move(part: number): void {
    const by = (this.to - this.from) * part
    this.show(this.from + by, this.to + by)
  }

  /** Zooms around the crosshair, or around the middle when there is none in sight. */
  private zoom(factor: number): void {
    const seen = this.crosshair !== undefined && this.crosshair >= this.from && this.crosshair <= this.to
    const centre = seen ? this.crosshair! : (this.from + this.to) / 2
    this.show(centre - (centre - this.from) * factor, centre + (this.to - centre) * factor)
    if (seen) this.point(centre)
  }

  private step(panel: Panel, way: number): void {
    const next = panel.step(way)
    if (next === undefined) this.move(way * 0.2)
    else this.point(next)
  }

  private point(time: number): void {
    this.crosshair = time
    for (const panel of this.panels) panel.point(time)
  }
}

// Instruments that are the same thing at several exchanges, and a unit that the lots of all of them are whole numbers of.
import { fractionOf, type Instrument } from '../instrument.ts'

export interface Family {
  /** Indices, in their order. */
  readonly members: readonly number[]
  /** Units of a lot of each member. */
  readonly units: readonly number[]
}

/** By instrument: each by itself, its lot the unit; where orders are routed, those of the same base, quote, settlement and type of all exchanges. */
export function familiesOf(instruments: readonly Instrument[], routed: boolean): Family[] {
  return instruments.map((one) => {
    const kin = routed ? instruments.filter((other) => other === one || isSame(one, other)) : [one]
    const lots = kin.map(lotOf)
    const unit = lots.reduce((all, lot) =>
      lowest(greatest(all.top * lot.bottom, lot.top * all.bottom), all.bottom * lot.bottom),
    )
    return {
      members: kin.map(({ index }) => index),
      units: lots.map(({ top, bottom }) => Math.round((top * unit.bottom) / (bottom * unit.top))),
    }
  })
}

/** Not of inverse contracts: what a lot of them is in the base asset hangs on the price. */
function isSame(a: Instrument, b: Instrument): boolean {
  const same = a.base === b.base && a.quote === b.quote && a.settle === b.settle && a.type === b.type
  return same && !a.inverse && !b.inverse && a.exchange !== b.exchange
}

/** A lot in units of the base asset, as a fraction. */
function lotOf({ lotSize, contractSize }: Instrument): { top: number; bottom: number } {
  const [[top, bottom], [more, less]] = [fractionOf(lotSize), fractionOf(contractSize)]
  return lowest(top * more, bottom * less)
}

function lowest(top: number, bottom: number): { top: number; bottom: number } {
  const common = greatest(top, bottom)
  return { top: top / common, bottom: bottom / common }
}

function greatest(a: number, b: number): number {
  return b === 0 ? a : greatest(b, a % b)
}

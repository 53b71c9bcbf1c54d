// The chart library stands in the page before our script, as a global.
import type UPlot from 'uplot'

declare global {
  const uPlot: typeof UPlot
  type uPlot = UPlot
  namespace uPlot {
    type Options = UPlot.Options
    type AlignedData = UPlot.AlignedData
    type Padding = UPlot.Padding
  }
}

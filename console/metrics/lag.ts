// Lag as metrics: as the tasks of this process see it, and as somebody who looks at all runs from outside does.

import type { PartitionLag } from '../../pipelines/lag.ts'
import { lagStates, type TaskReport } from '../../pipelines/lag-history.ts'
import type { Metrics } from './registry.ts'

/** The lag of a task of this process. */
export function showOwnLag(
  { task: metrics }: Metrics,
  labels: { readonly run: string; readonly pipeline: string; readonly task: string },
  partitions: readonly PartitionLag[],
): void {
  for (const { topic, partition, rows, seconds } of partitions) {
    const place = { ...labels, topic, partition: String(partition) }
    metrics.lagRows.set(place, rows)
    metrics.lagSeconds.set(place, seconds)
  }
}

/** A task that this process works on no more has no lag here: its new owner says it. */
export function forgetOwnLag(
  { task: metrics }: Metrics,
  labels: { readonly run: string; readonly pipeline: string; readonly task: string },
  partitions: readonly PartitionLag[],
): void {
  for (const { topic, partition } of partitions) {
    const place = { ...labels, topic, partition: String(partition) }
    metrics.lagRows.remove(place)
    metrics.lagSeconds.remove(place)
  }
}

/** All that one look saw; what was seen before and is not there any more is taken away. */
export function showLag({ lag }: Metrics, reports: readonly TaskReport[], at: { nowMs: number; engine: string }): void {
  for (const gauge of [lag.rows, lag.seconds, lag.rate, lag.eta, lag.state]) gauge.reset()
  for (const { run, pipeline, task, mode, state, partitions } of reports) {
    const labels = { run, pipeline, task }
    for (const name of lagStates) lag.state.set({ ...labels, state: name }, name === state ? 1 : 0)
    for (const { topic, partition, rows, seconds, rowsPerSecond, etaSeconds } of partitions) {
      const place = { ...labels, topic, partition: String(partition) }
      lag.rows.set({ ...place, mode }, rows)
      lag.seconds.set({ ...place, mode }, seconds)
      if (rowsPerSecond !== null) lag.rate.set(place, rowsPerSecond)
      if (etaSeconds !== null) lag.eta.set(place, etaSeconds)
    }
  }
  lag.looked.set({ engine: at.engine }, at.nowMs / 1000)
}

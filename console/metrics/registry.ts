// Every figure that a process shows to Prometheus: its name, what it counts, its labels. docs/operating.md says what each means to
// who operates it; deploy/metrics.test.ts holds dashboards and alert rules to this list.
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'

const task = ['run', 'pipeline', 'task'] as const
const input = [...task, 'topic', 'partition'] as const
const account = ['run', 'account'] as const

/** From half a millisecond to half a minute: a step of live rows and one of a replay. */
const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
const rows = [1, 4, 16, 64, 256, 1024, 4096, 8192, 32_768, 131_072]

/** What a task can be in; each is a series that is 1 or 0. */
export const taskStates = ['restoring', 'running', 'finished', 'revoked', 'lost', 'failed'] as const

export type Metrics = ReturnType<typeof createMetrics>

/** A registry of its own with all of them; a process has one. `defaults`: also what Node and the system say of the process. */
export function createMetrics({ defaults = true }: { readonly defaults?: boolean } = {}) {
  const registry = new Registry()
  if (defaults) collectDefaultMetrics({ register: registry })
  const registers = [registry]
  const counter = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Counter<L>({ name, help, labelNames: [...labelNames], registers })
  const gauge = <L extends string>(name: string, help: string, labelNames: readonly L[] = []) =>
    new Gauge<L>({ name, help, labelNames: [...labelNames], registers })
  const histogram = (name: string, help: string, buckets: readonly number[]) =>
    new Histogram({ name, help, labelNames: [...task], buckets: [...buckets], registers })
  return {
    registry,
    process: {
      build: gauge('smartspeed_build_info', 'which smartspeed this is; always 1', ['version', 'node', 'engine']),
      topicsUp: gauge('smartspeed_topics_up', 'whether topics answered when they were asked last', ['engine']),
      topicsAnswer: gauge('smartspeed_topics_answer_seconds', 'how long their last answer took', ['engine']),
      live: gauge('smartspeed_live', 'whether the process moves: /health/live says why not'),
      ready: gauge('smartspeed_ready', 'whether it does its work: /health/ready says why not'),
      deadLetters: counter('smartspeed_dead_letters_total', 'rows and messages that could not be read', [
        ...(['source', 'reason'] as const),
      ]),
    },
    task: {
      state: gauge('smartspeed_task_state', 'what the task is in: 1 for that, 0 for others', [...task, 'state']),
      rowsIn: counter('smartspeed_task_rows_in_total', 'rows of an input that were committed', [...task, 'topic']),
      rowsOut: counter('smartspeed_task_rows_out_total', 'rows that were written to an output', [...task, 'topic']),
      steps: counter('smartspeed_task_steps_total', 'steps that were committed', task),
      stepRows: histogram('smartspeed_task_step_rows', 'rows of a step', rows),
      batchRows: histogram('smartspeed_task_batch_rows', 'rows of a batch, on average over a step', rows),
      stepSeconds: histogram('smartspeed_task_step_seconds', 'computing a step', seconds),
      commitSeconds: histogram('smartspeed_task_commit_seconds', 'committing a step', seconds),
      restarts: counter('smartspeed_task_restarts_total', 'times that it was taken up where it had been left', task),
      committed: gauge('smartspeed_task_committed_timestamp_seconds', 'when a step was committed last', task),
      received: gauge('smartspeed_task_received_timestamp_seconds', 'receive time of the last committed row', task),
      snapshotAge: gauge('smartspeed_task_snapshot_age_seconds', 'since its state was saved last', task),
      snapshotRows: gauge('smartspeed_task_snapshot_age_rows', 'rows that were read since its state was saved', task),
      snapshotBytes: gauge('smartspeed_task_snapshot_bytes', 'size of the state that was saved last', task),
      retention: gauge('smartspeed_task_input_retention_seconds', 'how long its shortest-lived input is kept', task),
      lagRows: gauge('smartspeed_task_lag_rows', 'rows of an input that it has still to commit', input),
      lagSeconds: gauge('smartspeed_task_lag_seconds', 'from its last committed row to the newest one', input),
    },
    lag: {
      rows: gauge('smartspeed_lag_rows', 'rows that a task has still to commit, seen from outside', [...input, 'mode']),
      seconds: gauge('smartspeed_lag_seconds', 'from its last committed row to the newest one, seen from outside', [
        ...input,
        'mode',
      ]),
      rate: gauge('smartspeed_lag_rows_per_second', 'rows of an input that it commits a second', input),
      eta: gauge('smartspeed_lag_eta_seconds', 'until it has caught up, at that rate', input),
      state: gauge('smartspeed_lag_state', 'running, slow, stuck, stopped or finished: 1 for that, 0 for others', [
        ...task,
        'state',
      ]),
      looked: gauge('smartspeed_lag_looked_timestamp_seconds', 'when lag was looked at last with success', ['engine']),
    },
    trading: {
      equity: gauge('smartspeed_account_equity', 'cash and positions at mark, in the currency', [
        ...account,
        'currency',
      ]),
      cash: gauge('smartspeed_account_cash', 'cash, in the currency', [...account, 'currency']),
      exposure: gauge('smartspeed_account_exposure', 'absolute values of positions at mark, summed', [
        ...account,
        'currency',
      ]),
      realized: gauge('smartspeed_account_realized', 'profit and loss of closed size, before fees', [
        ...account,
        'currency',
      ]),
      fees: gauge('smartspeed_account_fees', 'fees paid since the start of the run', [...account, 'currency']),
      received: gauge('smartspeed_account_received_timestamp_seconds', 'receive time of the account row', account),
      position: gauge('smartspeed_position_size', 'open size, signed, in the instrument’s unit', [
        ...account,
        'symbol',
      ]),
      unrealized: gauge('smartspeed_position_unrealized', 'profit and loss of the open size at mark', [
        ...account,
        'symbol',
      ]),
      orders: counter('smartspeed_orders_total', 'orders that risk let through', [...account, 'symbol', 'kind']),
      rejections: counter('smartspeed_order_rejections_total', 'orders refused: by which check, or by the venue', [
        ...account,
        'by',
        'reason',
      ]),
      executions: counter('smartspeed_executions_total', 'what the venue said of orders', [
        ...account,
        'symbol',
        'kind',
      ]),
    },
  }
}

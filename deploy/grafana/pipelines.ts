// The dashboard of pipelines: what each task reads, computes, commits, and what it costs the process.
import { dashboard } from './dashboard.ts'
import { bands, figure, lines } from './panels.ts'

const chosen = 'run=~"$run", task=~"$task"'
const start = 'start a run with --http 9464, and let Prometheus scrape it'

const quantile = (q: number, name: string) =>
  `histogram_quantile(${q}, sum by (run, task, le) (rate(${name}_bucket{${chosen}}[$__rate_interval])))`

const state = ['finished', 'running', 'restoring', 'revoked', 'lost', 'failed']
  .map((name, at) => `max by (run, task) (smartspeed_task_state{${chosen}, state="${name}"}) * ${at}`)
  .join(' + on (run, task) ')

export const pipelines = dashboard({
  ...{ uid: 'smartspeed-pipelines', title: 'Pipelines' },
  says: 'What each task reads, computes and commits, and what it costs.',
  variables: [
    ['run', 'smartspeed_task_state'],
    ['task', 'smartspeed_task_state'],
  ],
  sections: [
    {
      title: 'Does it work?',
      panels: [
        figure({
          ...{ title: 'Processes', unit: 'short', shows: [['sum(up{job=~"smartspeed.*"})', 'up']], empty: start },
          says: 'Processes that answered the last scrape.',
        }),
        figure({
          ...{ title: 'Tasks at work', unit: 'short', empty: start },
          shows: [[`sum(smartspeed_task_state{${chosen}, state="running"})`, 'running']],
          says: 'Tasks that read and commit now.',
        }),
        figure({
          ...{ title: 'Rows in', unit: 'suffix: rows/s', empty: start },
          shows: [[`sum(rate(smartspeed_task_rows_in_total{${chosen}}[$__rate_interval]))`, 'in']],
          says: 'Committed rows of all inputs, a second.',
        }),
        figure({
          ...{ title: 'Topics', unit: 'none', shows: [['min(smartspeed_topics_up)', 'topics']], empty: start },
          words: { '0': { text: 'lost', color: 'red' }, '1': { text: 'answer', color: 'green' } },
          says: 'Whether every process gets an answer from its topics.',
        }),
        figure({
          ...{ title: 'Dead letters in an hour', unit: 'short', limits: [1, 100], empty: '0' },
          shows: [['sum(max by (source, reason) (increase(smartspeed_dead_letters_total[1h])))', 'rows']],
          says: 'What could not be read: npx smartspeed dead-letters says why.',
        }),
        figure({
          ...{ title: 'Oldest snapshot', unit: 's', limits: [300, 3600], empty: start },
          shows: [[`max(smartspeed_task_snapshot_age_seconds{${chosen}})`, 'age']],
          says: 'What a restart would have to compute again, at most.',
        }),
        bands({
          ...{ title: 'State of each task', unit: 'none', width: 24, height: 6, empty: start },
          shows: [[state, '{{run}} {{task}}']],
          words: {
            '0': { text: 'finished', color: '#6b7280' },
            '1': { text: 'running', color: 'green' },
            '2': { text: 'restoring', color: '#2563eb' },
            '3': { text: 'revoked', color: '#9ca3af' },
            '4': { text: 'lost', color: '#d97706' },
            '5': { text: 'failed', color: 'red' },
          },
          says: 'Revoked: given to another process. Lost: taken by one, because this one was silent.',
        }),
      ],
    },
    {
      title: 'What goes through?',
      panels: [
        lines({
          ...{ title: 'Rows in, by topic', unit: 'suffix: rows/s', stack: true, empty: start },
          shows: [[`sum by (topic) (rate(smartspeed_task_rows_in_total{${chosen}}[$__rate_interval]))`, '{{topic}}']],
          says: 'Committed rows of each input.',
        }),
        lines({
          ...{ title: 'Rows out, by topic', unit: 'suffix: rows/s', stack: true, empty: start },
          shows: [[`sum by (topic) (rate(smartspeed_task_rows_out_total{${chosen}}[$__rate_interval]))`, '{{topic}}']],
          says: 'Rows written to each output, in the same commits.',
        }),
        lines({
          ...{ title: 'Lag of the tasks, as they say', unit: 'short', empty: start },
          shows: [[`sum by (run, task) (smartspeed_task_lag_rows{${chosen}})`, '{{run}} {{task}}']],
          says: 'Rows to go; the dashboard Lag sees it from outside, also when a process is gone.',
        }),
        lines({
          ...{ title: 'Behind, in the time of the market', unit: 's', empty: start },
          shows: [[`max by (run, task) (smartspeed_task_lag_seconds{${chosen}})`, '{{run}} {{task}}']],
          says: 'From the last committed row to the newest.',
        }),
      ],
    },
    {
      title: 'What does it cost?',
      panels: [
        lines({
          ...{ title: 'Computing a step', unit: 's', empty: start },
          shows: [
            [quantile(0.5, 'smartspeed_task_step_seconds'), 'half of {{run}} {{task}}'],
            [quantile(0.99, 'smartspeed_task_step_seconds'), '99 % of {{run}} {{task}}'],
          ],
          says: 'Half and ninety-nine of a hundred steps are done within.',
        }),
        lines({
          ...{ title: 'Committing a step', unit: 's', empty: start },
          shows: [
            [quantile(0.5, 'smartspeed_task_commit_seconds'), 'half of {{run}} {{task}}'],
            [quantile(0.99, 'smartspeed_task_commit_seconds'), '99 % of {{run}} {{task}}'],
          ],
          says: 'From the first send to the moment at which it is readable.',
        }),
        lines({
          ...{ title: 'Rows of a step and of a batch', unit: 'short', empty: start },
          shows: [
            [quantile(0.5, 'smartspeed_task_step_rows'), 'step of {{run}} {{task}}'],
            [quantile(0.5, 'smartspeed_task_batch_rows'), 'batch of {{run}} {{task}}'],
          ],
          says: 'The median: small live, large in a replay.',
        }),
        lines({
          ...{ title: 'Snapshots', unit: 'bytes', empty: 'no snapshot yet' },
          shows: [[`smartspeed_task_snapshot_bytes{${chosen}}`, '{{run}} {{task}}']],
          says: 'Size of the saved state: one that grows for ever is a leak.',
        }),
        lines({
          ...{ title: 'Memory', unit: 'bytes', empty: start },
          shows: [['process_resident_memory_bytes{job=~"smartspeed.*"}', '{{instance}}']],
          says: 'Of each process; a replay of any length stays flat.',
        }),
        lines({
          ...{ title: 'Processor', unit: 'percentunit', empty: start },
          shows: [['rate(process_cpu_seconds_total{job=~"smartspeed.*"}[$__rate_interval])', '{{instance}}']],
          says: 'Share of one core.',
        }),
        lines({
          ...{ title: 'Event loop held up', unit: 's', empty: start },
          shows: [['nodejs_eventloop_lag_p99_seconds{job=~"smartspeed.*"}', '{{instance}}']],
          says: 'Ninety-nine of a hundred waits are shorter; a computed step holds it up for its length.',
        }),
        lines({
          ...{ title: 'Taken up again', unit: 'short', empty: 'no task was taken up again' },
          shows: [
            [`sum by (run, task) (increase(smartspeed_task_restarts_total{${chosen}}[15m]))`, '{{run}} {{task}}'],
          ],
          says: 'Restarts and hand-overs in a quarter of an hour.',
        }),
      ],
    },
  ],
})

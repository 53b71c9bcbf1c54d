// The dashboard of lag: who is behind, by how much, why, and when it will be over.
import { dashboard } from './dashboard.ts'
import { bands, figure, lines, rows } from './panels.ts'

const chosen = 'run=~"$run", task=~"$task"'
const start = 'run npx smartspeed lag --watch --http 9465, and let Prometheus scrape it'

/** One number a task: the state that its series says 1 for. */
const state = ['finished', 'running', 'slow', 'stuck', 'stopped']
  .map((name, at) => `max by (run, task) (smartspeed_lag_state{${chosen}, state="${name}"}) * ${at}`)
  .join(' + on (run, task) ')

const count = (name: string) => `sum(smartspeed_lag_state{${chosen}, state="${name}"}) or vector(0)`

export const lag = dashboard({
  ...{ uid: 'smartspeed-lag', title: 'Lag', says: 'Who is behind, by how much, why, and when it will be over.' },
  variables: [
    ['run', 'smartspeed_lag_state'],
    ['task', 'smartspeed_lag_state'],
  ],
  sections: [
    {
      title: 'Is anybody behind?',
      panels: [
        figure({
          ...{ title: 'Tasks that stopped', unit: 'short', limits: [1, 1], shows: [[count('stopped'), 'stopped']] },
          ...{ says: 'Nobody works on them, and they are not finished.', empty: start },
        }),
        figure({
          ...{ title: 'Tasks that are stuck', unit: 'short', limits: [1, 1], shows: [[count('stuck'), 'stuck']] },
          ...{ says: 'A process holds them and commits nothing, though there are rows.', empty: start },
        }),
        figure({
          ...{ title: 'Tasks that are slow', unit: 'short', limits: [1, 5], shows: [[count('slow'), 'slow']] },
          ...{ says: 'They commit, and more comes than they take.', empty: start },
        }),
        figure({
          ...{ title: 'Rows to go', unit: 'short', shows: [[`sum(smartspeed_lag_rows{${chosen}})`, 'rows']] },
          ...{ says: 'Rows that all tasks together have still to commit.', empty: start },
        }),
        figure({
          ...{ title: 'Furthest behind', unit: 's', limits: [10, 60] },
          shows: [[`max(smartspeed_lag_seconds{${chosen}})`, 'seconds']],
          ...{ says: 'From the last committed row to the newest, in the time of the market.', empty: start },
        }),
        figure({
          ...{ title: 'Looked at', unit: 's', limits: [30, 60] },
          shows: [['max(time() - smartspeed_lag_looked_timestamp_seconds)', 'ago']],
          ...{ says: 'Since somebody looked: when this grows, the rest of the page is old.', empty: start },
        }),
        bands({
          ...{ title: 'State of each task', unit: 'none', width: 24, height: 7, shows: [[state, '{{run}} {{task}}']] },
          words: {
            '0': { text: 'finished', color: '#6b7280' },
            '1': { text: 'running', color: 'green' },
            '2': { text: 'slow', color: '#d97706' },
            '3': { text: 'stuck', color: 'red' },
            '4': { text: 'stopped', color: 'dark-red' },
          },
          ...{ says: 'Slow: commits, but falls behind. Stuck: held, no commits. Stopped: nobody there.', empty: start },
        }),
      ],
    },
    {
      title: 'By how much, and until when?',
      panels: [
        lines({
          ...{ title: 'Rows to go', unit: 'short', empty: start },
          shows: [[`sum by (run, task) (smartspeed_lag_rows{${chosen}})`, '{{run}} {{task}}']],
          says: 'A line that rises for minutes falls behind; teeth are commits.',
        }),
        lines({
          ...{ title: 'Behind, in the time of the market', unit: 's', empty: start },
          shows: [[`max by (run, task) (smartspeed_lag_seconds{${chosen}})`, '{{run}} {{task}}']],
          says: 'How old the market is that the task decides on, against the newest row.',
        }),
        lines({
          ...{ title: 'Rows committed', unit: 'suffix: rows/s', empty: start },
          shows: [[`sum by (run, task) (smartspeed_lag_rows_per_second{${chosen}})`, '{{run}} {{task}}']],
          says: 'How fast each task goes on, seen from outside.',
        }),
        lines({
          ...{ title: 'Caught up in', unit: 's', empty: 'nobody is behind, or nobody gains' },
          shows: [[`max by (run, task) (smartspeed_lag_eta_seconds{${chosen}})`, '{{run}} {{task}}']],
          says: 'At the present rates; missing while it gains nothing.',
        }),
        rows({
          ...{ title: 'Each partition', unit: 'short', width: 24, height: 10, empty: start },
          shows: [
            [`smartspeed_lag_rows{${chosen}}`, 'rows to go'],
            [`smartspeed_lag_seconds{${chosen}}`, 'seconds behind'],
            [`smartspeed_lag_rows_per_second{${chosen}}`, 'rows/s'],
          ],
          hide: ['__name__', 'instance', 'job', 'component', 'mode'],
          says: 'Which input of which task it is.',
        }),
      ],
    },
  ],
})

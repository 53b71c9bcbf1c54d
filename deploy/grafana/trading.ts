// The dashboard of trading: what the accounts are worth, what they hold, what they ask of the venue, and what is refused.
import { dashboard } from './dashboard.ts'
import { figure, lines, rows } from './panels.ts'

const chosen = 'run=~"$run", account=~"$account"'
const start = 'start npx smartspeed run trading … --http 9464, and let Prometheus scrape it'

export const trading = dashboard({
  ...{ uid: 'smartspeed-trading', title: 'Trading' },
  says: 'What the accounts are worth, what they hold, what they ask of the venue, and what is refused.',
  variables: [
    ['run', 'smartspeed_account_equity'],
    ['account', 'smartspeed_account_equity'],
  ],
  sections: [
    {
      title: 'What is it worth?',
      panels: [
        figure({
          ...{ title: 'Equity', unit: 'short', decimals: 2, width: 5, empty: start },
          shows: [[`sum by (currency) (smartspeed_account_equity{${chosen}})`, '{{currency}}']],
          says: 'Cash and positions at mark, of all chosen accounts.',
        }),
        figure({
          ...{ title: 'Change', unit: 'short', decimals: 2, width: 5, empty: start },
          shows: [[`sum by (currency) (delta(smartspeed_account_equity{${chosen}}[$__range]))`, '{{currency}}']],
          says: 'Change of the equity over the time that is shown, as far as it was seen.',
        }),
        figure({
          ...{ title: 'Below its highest', unit: 'percentunit', width: 5, limits: [0.05, 0.1], empty: start },
          shows: [
            [
              `max(1 - smartspeed_account_equity{${chosen}} / max_over_time(smartspeed_account_equity{${chosen}}[$__range]))`,
              'of the highest equity shown',
            ],
          ],
          says: 'The deepest of the accounts, against its highest equity over the time that is shown.',
        }),
        figure({
          ...{ title: 'Fees', unit: 'short', decimals: 2, width: 5, empty: start },
          shows: [[`sum by (currency) (smartspeed_account_fees{${chosen}})`, '{{currency}}']],
          says: 'Paid since the start of the run.',
        }),
        figure({
          ...{ title: 'Age of the account rows', unit: 's', limits: [120, 600], empty: start },
          shows: [[`max(time() - smartspeed_account_received_timestamp_seconds{${chosen}})`, 'age']],
          says: 'Against the clock of this machine: large in a replay of old days, about a minute at most when live.',
        }),
        lines({
          ...{ title: 'Equity', unit: 'short', width: 24, height: 9, empty: start },
          shows: [[`smartspeed_account_equity{${chosen}}`, '{{run}} {{account}} {{currency}}']],
          says: 'Written at each execution, each funding and each minute of the market.',
        }),
        lines({
          ...{ title: 'Exposure and cash', unit: 'short', empty: start },
          shows: [
            [`smartspeed_account_exposure{${chosen}}`, 'exposure of {{account}}'],
            [`smartspeed_account_cash{${chosen}}`, 'cash of {{account}}'],
          ],
          says: 'Absolute values of all positions at mark, and what is left beside them.',
        }),
        lines({
          ...{ title: 'Realized, before fees', unit: 'short', signed: true, empty: start },
          shows: [[`smartspeed_account_realized{${chosen}}`, '{{run}} {{account}}']],
          says: 'Of closed size since the start of the run.',
        }),
      ],
    },
    {
      title: 'What does it hold?',
      panels: [
        lines({
          ...{ title: 'Positions', unit: 'short', signed: true, empty: 'no position yet' },
          shows: [[`smartspeed_position_size{${chosen}}`, '{{account}} {{symbol}}']],
          says: 'Open size, in the unit of the instrument: above nothing long, below short.',
        }),
        rows({
          ...{ title: 'Open positions', unit: 'short', empty: 'no position yet' },
          shows: [
            [`smartspeed_position_size{${chosen}} != 0`, 'size'],
            [
              `smartspeed_position_unrealized{${chosen}} and on (run, account, symbol) smartspeed_position_size != 0`,
              'unrealized',
            ],
          ],
          hide: ['__name__', 'instance', 'job', 'component'],
          says: 'Those that are not flat, with what closing them at mark would give.',
        }),
      ],
    },
    {
      title: 'What does it ask, and what is refused?',
      panels: [
        lines({
          ...{ title: 'Orders', unit: 'suffix: orders/s', empty: 'no order yet' },
          shows: [
            [
              `sum by (account, kind) (rate(smartspeed_orders_total{${chosen}}[$__rate_interval]))`,
              '{{account}} {{kind}}',
            ],
          ],
          says: 'New orders and cancels that risk let through.',
        }),
        lines({
          ...{ title: 'Executions', unit: 'suffix: /s', empty: 'no execution yet' },
          shows: [[`sum by (kind) (rate(smartspeed_executions_total{${chosen}}[$__rate_interval]))`, '{{kind}}']],
          says: 'What the venue said of them.',
        }),
        lines({
          ...{ title: 'Refused', unit: 'suffix: orders/s', stack: true, empty: 'nothing was refused' },
          shows: [
            [
              `sum by (by, reason) (rate(smartspeed_order_rejections_total{${chosen}}[$__rate_interval]))`,
              '{{by}}: {{reason}}',
            ],
          ],
          says: 'By which check of risk, or by the venue, and why.',
        }),
        rows({
          ...{ title: 'Refused in all', unit: 'short', empty: 'nothing was refused' },
          shows: [[`sum by (account, by, reason) (smartspeed_order_rejections_total{${chosen}})`, 'orders']],
          says: 'Since the processes started: npx smartspeed cat risk-events --run R shows each.',
        }),
      ],
    },
  ],
})

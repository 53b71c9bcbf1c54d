//! The border of `smartspeed_core::sweep`; the docs stand in `native/sweep.ts`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use napi::bindgen_prelude::{
    AsyncTask, BigInt64Array, BigInt64ArraySlice, External, ExternalRef, Float64Array, Float64ArraySlice, Int32Array,
};
use napi::{Env, Error, Result, Task};
use napi_derive::napi;
use smartspeed_core::sweep::{
    self, Breakout, Market, Markets, Needs, Prices, Results, Reversion, Scale, Series, SmaCross, Targets, Terms, Trials,
};

#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn sweep_market(
    open: Float64ArraySlice,
    high: Float64ArraySlice,
    low: Float64ArraySlice,
    close: Float64ArraySlice,
    volume_ratio: Float64ArraySlice,
    needs: u32,
    whole: BigInt64ArraySlice,
    numbers: Float64ArraySlice,
) -> Result<Option<External<Arc<Market>>>> {
    let prices = Prices { open: &open, high: &high, low: &low, close: &close, volume_ratio: &volume_ratio };
    let needs = Needs { open: needs & 1 != 0, sums: needs & 2 != 0, prices: needs & 4 != 0 };
    let terms = terms_of(&whole, &numbers)?;
    let Some(series) = Series::new(&prices, terms.tick_size, needs) else { return Ok(None) };
    // So that what is no longer held is collected before there is much of it.
    let bytes = series.bytes();
    Ok(Some(External::new_with_size_hint(Arc::new(Market { series, terms }), bytes)))
}

#[napi(catch_unwind)]
pub fn sweep_markets(
    markets: Vec<ExternalRef<Arc<Market>>>,
    opens: Vec<Float64ArraySlice>,
    interval: f64,
    ends: Float64ArraySlice,
) -> External<Arc<Markets>> {
    let markets = markets.iter().map(|market| Arc::clone(market)).collect();
    let opens: Vec<&[f64]> = opens.iter().map(|times| &times[..]).collect();
    External::new(Arc::new(Markets::new(markets, &opens, interval, &ends)))
}

#[napi(catch_unwind)]
pub fn least_step(times: Float64ArraySlice) -> f64 {
    sweep::least_step(&times)
}

pub struct Sweep {
    markets: Arc<Markets>,
    trials: Trials,
    threads: usize,
}

#[napi(object)]
pub struct Swept {
    pub equity: BigInt64Array,
    pub fills: Int32Array,
    pub trips: Int32Array,
    pub wins: Int32Array,
    pub fees: BigInt64Array,
    pub days: Float64Array,
}

impl Task for Sweep {
    type Output = Results;
    type JsValue = Swept;

    fn compute(&mut self) -> Result<Results> {
        let run = || sweep::run(&self.markets, &self.trials, self.threads);
        // A panic that leaves this thread would end the process.
        catch_unwind(AssertUnwindSafe(run)).map_err(|_| Error::from_reason("a sweep panicked: a bug"))
    }

    fn resolve(&mut self, _: Env, Results { equity, fills, trips, wins, fees, days }: Results) -> Result<Swept> {
        Ok(Swept {
            equity: equity.into(),
            fills: fills.into(),
            trips: trips.into(),
            wins: wins.into(),
            fees: fees.into(),
            days: days.into(),
        })
    }
}

#[napi(catch_unwind)]
pub fn sweep_run(
    markets: &External<Arc<Markets>>,
    kernel: u32,
    trials: u32,
    params: Vec<Float64ArraySlice>,
    threads: u32,
) -> Result<AsyncTask<Sweep>> {
    let markets = Arc::clone(markets);
    let trials = trials_of(kernel, trials as usize, &params, &markets.bars())?;
    Ok(AsyncTask::new(Sweep { markets, trials, threads: threads as usize }))
}

/// In the order in which the wrapper writes them.
fn terms_of(whole: &[i64], numbers: &[f64]) -> Result<Terms> {
    let (
        &[cash, numerator, denominator, fee_top, fee_bottom],
        &[
            inverse,
            spot,
            next_open,
            tick_size,
            tick_numerator,
            tick_denominator,
            lot_size,
            lot_numerator,
            lot_denominator,
            contract_size,
            min_notional,
            slippage_bps,
            stop,
            target,
        ],
    ) = (whole, numbers)
    else {
        return Err(Error::from_reason("terms of a sweep that are none"));
    };
    Ok(Terms {
        cash,
        scale: Scale { numerator, denominator, inverse: inverse != 0.0 },
        spot: spot != 0.0,
        tick_size,
        tick_numerator,
        tick_denominator,
        lot_size,
        lot_numerator,
        lot_denominator,
        contract_size,
        min_notional,
        fee_top,
        fee_bottom,
        slippage_bps,
        stop,
        target,
        next_open: next_open != 0.0,
    })
}

fn trials_of(kernel: u32, trials: usize, params: &[Float64ArraySlice], bars: &[usize]) -> Result<Trials> {
    let none = || Error::from_reason("parameters of a sweep that are none");
    if kernel == 0 {
        let fits =
            params.len() == bars.len() && params.iter().zip(bars).all(|(sizes, bars)| sizes.len() == trials * bars);
        let sizes = params.iter().map(|sizes| sizes.to_vec()).collect();
        return if fits { Ok(Trials::Targets(Targets { trials, sizes })) } else { Err(none()) };
    }
    let [params] = params else { return Err(none()) };
    match kernel {
        1 => rows(params, trials, |&[fast, slow, size, short]| SmaCross {
            fast: fast as usize,
            slow: slow as usize,
            size,
            short: short != 0.0,
        })
        .map(Trials::SmaCross),
        2 => rows(params, trials, |&[bars, entry, edge, exit, stop, max_bars, size, short]| Reversion {
            bars: bars as usize,
            entry,
            edge,
            exit,
            stop,
            max_bars,
            size,
            short: short != 0.0,
        })
        .map(Trials::Reversion),
        3 => rows(params, trials, |&[bars, beyond, volume_factor, exit_bars, trail, size, short]| Breakout {
            bars: bars as usize,
            beyond,
            volume_factor,
            exit_bars: exit_bars as usize,
            trail,
            size,
            short: short != 0.0,
        })
        .map(Trials::Breakout),
        _ => Err(Error::from_reason(format!("there is no kernel {kernel}"))),
    }
}

/// A trial of each `N` numbers, the first of which, a count of bars, is above 0.
fn rows<const N: usize, T>(params: &[f64], trials: usize, of: impl Fn(&[f64; N]) -> T) -> Result<Vec<T>> {
    let (rows, rest) = params.as_chunks::<N>();
    if !rest.is_empty() || rows.len() != trials || rows.iter().any(|row| row[0] < 1.0) {
        return Err(Error::from_reason("parameters of a sweep that are none"));
    }
    Ok(rows.iter().map(of).collect())
}

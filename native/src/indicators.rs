//! The border of `smartspeed_core::indicators`; the docs stand in `native/indicators.ts`.

use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;
use smartspeed_core::indicators::{self, Bars};

#[napi(catch_unwind)]
pub fn indicator_state_length(program: Float64ArraySlice) -> u32 {
    indicators::state_len(&program) as u32
}

#[napi(catch_unwind)]
pub fn indicator_columns(program: Float64ArraySlice) -> u32 {
    indicators::columns(&program) as u32
}

#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)] // Columns of bars come as they are: an object of arrays would cost more than the call.
pub fn run_indicators(
    program: Float64ArraySlice,
    mut state: Float64ArraySlice,
    high: Float64ArraySlice,
    low: Float64ArraySlice,
    close: Float64ArraySlice,
    volume: Float64ArraySlice,
    mut out: Float64ArraySlice,
) {
    let bars = Bars { high: &high, low: &low, close: &close, volume: &volume };
    // SAFETY: `state` and `out` are the caller's for this call, and neither is one of the columns.
    indicators::run(&program, unsafe { state.as_mut() }, &bars, unsafe { out.as_mut() })
}

//! The border of `smartspeed_core::regime`; the docs stand in `native/regime.ts`.

use napi::bindgen_prelude::Float64ArraySlice;
use napi_derive::napi;
use smartspeed_core::regime;

#[napi(catch_unwind)]
pub fn regime_stride(bar_us: f64) -> u32 {
    regime::stride(bar_us) as u32
}

#[napi(catch_unwind)]
pub fn regime_step(
    mut state: Float64ArraySlice,
    bar_us: f64,
    rows: u32,
    bars: Float64ArraySlice,
    mut out: Float64ArraySlice,
) {
    // SAFETY: the engine owns `state` and `out`; nobody else holds them during the call.
    unsafe { regime::step(state.as_mut(), bar_us, rows as usize, &bars, out.as_mut()) }
}

//! The border of `smartspeed_core::regime`; the docs stand in `native/regime.ts`.

use napi::bindgen_prelude::{Float64ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use smartspeed_core::regime::{self, Bars};

#[napi(catch_unwind)]
pub fn regime_stride(bar_us: f64) -> u32 {
    regime::stride(bar_us) as u32
}

#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn regime_step(
    mut state: Float64ArraySlice,
    bar_us: f64,
    instrument: Uint32ArraySlice,
    time: Float64ArraySlice,
    close: Float64ArraySlice,
    volume: Float64ArraySlice,
    funding: Float64ArraySlice,
    mut out: Float64ArraySlice,
) {
    let bars = Bars { instrument: &instrument, time: &time, close: &close, volume: &volume, funding: &funding };
    // SAFETY: the stage owns `state` and made `out` for this call; nobody else holds them.
    unsafe { regime::step(state.as_mut(), bar_us, &bars, out.as_mut()) }
}

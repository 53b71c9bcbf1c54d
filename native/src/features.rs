//! The border of `smartspeed_core::features`; the docs stand in `native/features.ts`.

use napi::bindgen_prelude::{Float64ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use smartspeed_core::{features, indicators::Bars};

#[napi(catch_unwind)]
pub fn feature_state_length() -> u32 {
    features::STATE as u32
}

#[napi(catch_unwind)]
pub fn start_features(mut states: Float64ArraySlice) {
    // SAFETY: the wrapper made `states` for this call; nobody else holds it.
    features::start(unsafe { states.as_mut() })
}

#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn bar_features(
    mut states: Float64ArraySlice,
    instruments: Uint32ArraySlice,
    high: Float64ArraySlice,
    low: Float64ArraySlice,
    close: Float64ArraySlice,
    volume: Float64ArraySlice,
    mut out: Float64ArraySlice,
) {
    let bars = Bars { high: &high, low: &low, close: &close, volume: &volume };
    // SAFETY: the states are one stage's own, and the wrapper made `out` for this call; nobody else holds either.
    features::bar_features(unsafe { states.as_mut() }, &instruments, &bars, unsafe { out.as_mut() })
}

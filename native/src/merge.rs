//! The border of `smartspeed_core::merge`; the docs stand in `native/merge.ts`.

use napi::bindgen_prelude::{Float64ArraySlice, Int32ArraySlice, Uint16ArraySlice, Uint32ArraySlice};
use napi_derive::napi;
use smartspeed_core::merge::{Fill, Lane, merge};

#[napi(catch_unwind)]
#[allow(clippy::too_many_arguments)]
pub fn merge_lanes(
    received: Vec<Float64ArraySlice>,
    rows: Vec<Uint32ArraySlice>,
    mut next: Uint32ArraySlice,
    mut codes: Int32ArraySlice,
    sources: u32,
    mut source: Uint16ArraySlice,
    mut row: Uint32ArraySlice,
    count: u32,
    last: f64,
) -> i32 {
    let lanes: Vec<Lane> = received.iter().zip(&rows).map(|(received, rows)| Lane { received, rows }).collect();
    // SAFETY: the wrapper made these arrays for its merge; nobody else holds them.
    let (next, codes) = unsafe { (next.as_mut(), codes.as_mut()) };
    let (source, row) = unsafe { (source.as_mut(), row.as_mut()) };
    let mut fill = Fill { source, row, count: count as usize, last };
    merge(&lanes, next, codes, sources, &mut fill).map_or(-1, |lane| lane as i32)
}

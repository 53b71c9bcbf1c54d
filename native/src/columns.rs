//! The border of `smartspeed_core::columns`; the docs stand in `native/columns.ts`.

use napi::bindgen_prelude::{BigInt64ArraySlice, Float64ArraySlice};
use napi_derive::napi;
use smartspeed_core::columns;

#[napi(catch_unwind)]
pub fn rising(values: Float64ArraySlice) -> u32 {
    columns::rising(&values)
}

#[napi(catch_unwind)]
pub fn to_i64(values: Float64ArraySlice, mut out: BigInt64ArraySlice) {
    // SAFETY: the wrapper made `out` for this call; nobody else holds it.
    columns::to_i64(&values, unsafe { out.as_mut() })
}

//! The border: one line a function between JavaScript and `smartspeed_core`. The docs stand in `native/index.ts`.

pub mod avro;
pub mod binance;
pub mod columns;
pub mod digest;
pub mod features;
pub mod indicators;
mod lent;
pub mod merge;
pub mod regime;
pub mod segment;
pub mod sweep;

use napi::bindgen_prelude::{Float64ArraySlice, Result};
use napi_derive::napi;
use smartspeed_core::{crc32c, lock, math};

#[napi(catch_unwind, js_name = "crc32c")]
pub fn crc32c(bytes: &[u8], seed: u32) -> u32 {
    crc32c::crc32c(bytes, seed)
}

#[napi(catch_unwind)]
pub fn fits_step(values: Float64ArraySlice, per_unit: f64) -> bool {
    math::fits_step(&values, per_unit)
}

#[napi(catch_unwind)]
pub fn try_lock(fd: i32, shared: bool) -> Result<bool> {
    Ok(lock::try_lock(fd, shared)?)
}

#[napi(catch_unwind)]
pub fn exp(x: f64) -> f64 {
    math::exp(x)
}

#[napi(catch_unwind)]
pub fn ln(x: f64) -> f64 {
    math::ln(x)
}

#[napi(catch_unwind)]
pub fn pow(x: f64, y: f64) -> f64 {
    math::pow(x, y)
}

#[napi(catch_unwind)]
pub fn sin(x: f64) -> f64 {
    math::sin(x)
}

#[napi(catch_unwind)]
pub fn cos(x: f64) -> f64 {
    math::cos(x)
}

#[napi(catch_unwind)]
pub fn tanh(x: f64) -> f64 {
    math::tanh(x)
}

#[napi(catch_unwind)]
pub fn exp_each(values: Float64ArraySlice, mut out: Float64ArraySlice) {
    // SAFETY: the wrapper made `out` for this call; nobody else holds it.
    math::each(&values, unsafe { out.as_mut() }, math::exp)
}

#[napi(catch_unwind)]
pub fn ln_each(values: Float64ArraySlice, mut out: Float64ArraySlice) {
    // SAFETY: the wrapper made `out` for this call; nobody else holds it.
    math::each(&values, unsafe { out.as_mut() }, math::ln)
}

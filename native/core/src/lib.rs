//! Arithmetic that knows nothing of JavaScript. Every function gives the same bits on every machine.

pub mod crc32c;
pub mod math;

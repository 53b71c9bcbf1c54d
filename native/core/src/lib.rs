//! Arithmetic that knows nothing of JavaScript, and what the log asks of files. Every function gives the same bits on every machine.

pub mod avro;
pub mod binance;
pub mod columns;
pub mod crc32c;
pub mod decimal;
pub mod digest;
pub mod features;
pub mod indicators;
pub mod lock;
pub mod math;
pub mod merge;
pub mod regime;
pub mod runs;
pub mod segment;
pub mod sweep;

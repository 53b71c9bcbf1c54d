//! The border of `smartspeed_core::avro`; the docs stand in `native/avro.ts`.

use napi::bindgen_prelude::{AsyncTask, Int32Array, Uint8Array};
use napi::{Env, Result, Task};
use napi_derive::napi;
use smartspeed_core::avro::{self, Packed, Rows};

#[napi(object)]
pub struct AvroRows {
    pub bytes: Uint8Array,
    pub starts: Int32Array,
    pub ends: Int32Array,
}

#[napi(object)]
pub struct AvroColumns {
    pub arrays: Uint8Array,
    pub lengths: Vec<u32>,
    pub words: Vec<Vec<String>>,
}

pub struct DecodeAvro {
    shape: Vec<u8>,
    schema: u32,
    parts: Vec<AvroRows>,
}

impl Task for DecodeAvro {
    type Output = Option<Packed>;
    type JsValue = Option<AvroColumns>;

    fn compute(&mut self) -> Result<Option<Packed>> {
        let parts: Vec<Rows> =
            self.parts.iter().map(|AvroRows { bytes, starts, ends }| Rows { bytes, starts, ends }).collect();
        Ok(avro::decode(&self.shape, self.schema, &parts))
    }

    fn resolve(&mut self, _: Env, packed: Option<Packed>) -> Result<Option<AvroColumns>> {
        Ok(packed.map(|Packed { arrays, lengths, words }| AvroColumns { arrays: arrays.into(), lengths, words }))
    }
}

/// The arrays are read on another thread: bytes that came from a broker never change.
#[napi(catch_unwind)]
pub fn decode_avro(shape: &[u8], schema: u32, parts: Vec<AvroRows>) -> AsyncTask<DecodeAvro> {
    AsyncTask::new(DecodeAvro { shape: shape.to_vec(), schema, parts })
}

//! The border of `smartspeed_core::digest`; the docs stand in `native/digest.ts`.

use napi::bindgen_prelude::{AsyncTask, Object, Uint32Array};
use napi::{Env, Result, Task};
use napi_derive::napi;
use smartspeed_core::digest::{self, Sum};

use crate::lent::Lent;

pub struct SumUp {
    /// Of each column what is summed up, and how many arrays it has.
    columns: Vec<(Sum, usize)>,
    arrays: Lent,
}

impl Task for SumUp {
    type Output = Vec<u32>;
    type JsValue = Uint32Array;

    fn compute(&mut self) -> Result<Vec<u32>> {
        let mut sums = Vec::new();
        let mut rest = self.arrays.arrays();
        for (sum, count) in &self.columns {
            let (arrays, others) = rest.split_at(*count);
            digest::sum_up(*sum, arrays, &mut sums);
            rest = others;
        }
        Ok(sums)
    }

    fn resolve(&mut self, _: Env, sums: Vec<u32>) -> Result<Uint32Array> {
        Ok(sums.into())
    }

    fn finally(self, env: Env) -> Result<()> {
        self.arrays.give_back(&env)
    }
}

#[napi(catch_unwind)]
pub fn sum_up(env: Env, sums: &[u8], counts: &[u32], arrays: Object) -> Result<AsyncTask<SumUp>> {
    let of = [Sum::Bytes, Sum::Lengths, Sum::Words];
    let columns =
        sums.iter().map(|sum| of[usize::from(*sum)]).zip(counts.iter().map(|count| *count as usize)).collect();
    // SAFETY: batches never change, and the wrapper gives the list to nobody.
    Ok(AsyncTask::new(SumUp { columns, arrays: unsafe { Lent::new(&env, arrays) }? }))
}

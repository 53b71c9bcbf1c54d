//! The border of `smartspeed_core::segment`; the docs stand in `native/segment.ts`.

use std::fs::File;
use std::os::fd::BorrowedFd;

use napi::bindgen_prelude::{AsyncTask, Object, Uint8Array};
use napi::{Env, Result, Task};
use napi_derive::napi;
use smartspeed_core::segment::{self, Kind};

use crate::lent::Lent;

pub struct ReadBlock {
    file: File,
    position: u64,
    block: Uint8Array,
}

#[napi(object)]
pub struct BlockRead {
    pub length: u32,
    pub crc: u32,
}

impl Task for ReadBlock {
    type Output = (usize, u32);
    type JsValue = BlockRead;

    fn compute(&mut self) -> Result<Self::Output> {
        // SAFETY: the wrapper made the array for this call and gives it to nobody before it has returned.
        Ok(segment::read_block(&self.file, self.position, unsafe { self.block.as_mut() })?)
    }

    fn resolve(&mut self, _: Env, (length, crc): Self::Output) -> Result<BlockRead> {
        Ok(BlockRead { length: length as u32, crc })
    }
}

#[napi(catch_unwind)]
pub fn read_block(fd: i32, position: f64, block: Uint8Array) -> Result<AsyncTask<ReadBlock>> {
    Ok(AsyncTask::new(ReadBlock { file: own(fd)?, position: position as u64, block }))
}

/// A file of the task's own: JavaScript may close its descriptor meanwhile.
fn own(fd: i32) -> Result<File> {
    // SAFETY: the descriptor is open for this call, and is not kept.
    Ok(unsafe { BorrowedFd::borrow_raw(fd) }.try_clone_to_owned()?.into())
}

pub struct PackBlock {
    head: Vec<u8>,
    kinds: Vec<Kind>,
    arrays: Lent,
}

impl Task for PackBlock {
    type Output = Vec<u8>;
    type JsValue = Uint8Array;

    fn compute(&mut self) -> Result<Vec<u8>> {
        let arrays: Vec<_> = self.kinds.iter().copied().zip(self.arrays.arrays().iter().copied()).collect();
        Ok(segment::pack_block(&self.head, &arrays))
    }

    fn resolve(&mut self, _: Env, block: Vec<u8>) -> Result<Uint8Array> {
        Ok(block.into())
    }

    fn finally(self, env: Env) -> Result<()> {
        self.arrays.give_back(&env)
    }
}

#[napi(catch_unwind)]
pub fn pack_block(env: Env, head: &[u8], kinds: &[u8], arrays: Object) -> Result<AsyncTask<PackBlock>> {
    let of = [Kind::Text, Kind::U8, Kind::U16, Kind::I32, Kind::U32, Kind::I64, Kind::F64];
    let kinds = kinds.iter().map(|kind| of[usize::from(*kind)]).collect();
    // SAFETY: batches never change, and the wrapper gives the list to nobody.
    let arrays = unsafe { Lent::new(&env, arrays) }?;
    Ok(AsyncTask::new(PackBlock { head: head.to_vec(), kinds, arrays }))
}

//! Blocks of the embedded log and the files that they lie in, for threads beside JavaScript's.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

use crate::columns::is_spaced;
use crate::crc32c::crc32c;
use crate::runs::{count_runs, pack_runs, packed_length};

/// Where what a block's checksum covers begins: behind its mark and the checksum itself.
const SUMMED_FROM: usize = 8;

/// What an array of a column holds. Texts and the like are never stored shorter than they are.
#[derive(Clone, Copy, PartialEq)]
pub enum Kind {
    Text,
    U8,
    U16,
    I32,
    U32,
    I64,
    F64,
}

/// How an array is stored, in the two highest bits beside its length.
#[derive(Clone, Copy)]
enum Form {
    Plain,
    Spaced,
    Same,
    Runs,
}

/// A block: its head, as long as a multiple of eight; how many arrays, the form and the bytes of each; then the arrays, each at a
/// multiple of eight. What the head says of its length and its checksum is written here.
pub fn pack_block(head: &[u8], arrays: &[(Kind, &[u8])]) -> Vec<u8> {
    let table = head.len() + 4;
    let bytes: usize = arrays.iter().map(|(_, bytes)| bytes.len() + 8).sum();
    // Room for all of them as they are: memory that is not written to costs nothing.
    let mut block = Vec::with_capacity(table + 8 + arrays.len() * 4 + bytes);
    block.extend_from_slice(head);
    block.extend_from_slice(&(arrays.len() as u32).to_le_bytes());
    block.resize(table + arrays.len() * 4, 0);
    pad(&mut block);
    for (number, (kind, bytes)) in arrays.iter().enumerate() {
        let from = block.len();
        let form = store(*kind, bytes, &mut block);
        let said = (block.len() - from) as u32 | (form as u32) << 30;
        block[table + number * 4..][..4].copy_from_slice(&said.to_le_bytes());
        pad(&mut block);
    }
    let length = block.len() as u32;
    block[8..12].copy_from_slice(&length.to_le_bytes());
    let crc = crc32c(&block[SUMMED_FROM..], 0);
    block[4..8].copy_from_slice(&crc.to_le_bytes());
    block
}

fn pad(block: &mut Vec<u8>) {
    block.resize((block.len() + 7) & !7, 0);
}

/// Adds an array in its shortest form. Bits are kept: NaN, −0 and all.
fn store(kind: Kind, bytes: &[u8], block: &mut Vec<u8>) -> Form {
    let size = size_of(kind);
    if size > 0 && bytes.len() > size {
        // No more than half of the bytes: reading runs costs more than reading values.
        let most = ((bytes.len() / 2).max(32) - 11) / (4 + size);
        let runs = count_runs(bytes, size, most);
        if runs == Some(1) {
            block.extend_from_slice(&bytes[..size]);
            return Form::Same;
        }
        if is_spaced_of(kind, bytes) {
            block.extend_from_slice(&bytes[..2 * size]);
            return Form::Spaced;
        }
        if let Some(runs) = runs
            && packed_length(runs, size) * 2 <= bytes.len()
        {
            pack_runs(bytes, size, runs, block);
            return Form::Runs;
        }
    }
    block.extend_from_slice(bytes);
    Form::Plain
}

const fn size_of(kind: Kind) -> usize {
    match kind {
        Kind::Text => 0,
        Kind::U8 => 1,
        Kind::U16 => 2,
        Kind::I32 | Kind::U32 => 4,
        Kind::I64 | Kind::F64 => 8,
    }
}

fn is_spaced_of(kind: Kind, bytes: &[u8]) -> bool {
    match kind {
        Kind::U32 => is_spaced(bytes.as_chunks::<4>().0.iter().map(|value| u32::from_le_bytes(*value).into())),
        Kind::F64 => is_spaced(bytes.as_chunks::<8>().0.iter().map(|value| f64::from_le_bytes(*value))),
        _ => false,
    }
}

/// Fills `block` from `position` on. Gives how much of it the file holds, and the CRC-32C of what a block's own covers.
pub fn read_block(file: &File, position: u64, block: &mut [u8]) -> io::Result<(usize, u32)> {
    let mut done = 0;
    while done < block.len() {
        match file.read_at(&mut block[done..], position + done as u64) {
            Ok(0) => break,
            Ok(count) => done += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok((done, crc32c(block.get(SUMMED_FROM..done).unwrap_or_default(), 0)))
}

#[cfg(test)]
mod tests {
    use super::{Kind, pack_block, read_block};
    use crate::crc32c::crc32c;
    use std::fs::{self, File};

    fn words(block: &[u8]) -> Vec<u32> {
        block.chunks(4).map(|word| u32::from_le_bytes(word.try_into().unwrap())).collect()
    }

    #[test]
    fn arrays_are_stored_in_their_shortest_form_behind_the_head() {
        let spaced: Vec<u8> = (0..20u32).flat_map(|i| (i * 3 + 1).to_le_bytes()).collect();
        let runs: Vec<u8> = [vec![1; 50], vec![2; 50]].concat();
        let arrays = [
            (Kind::U32, &spaced[..]),
            (Kind::I32, &spaced),
            (Kind::U8, &[7; 9]),
            (Kind::Text, &[7; 9]),
            (Kind::U8, &runs),
        ];
        let block = pack_block(&[9; 16], &arrays);
        let said = words(&block);
        assert_eq!(said[..4], [0x0909_0909, crc32c(&block[8..], 0), block.len() as u32, 0x0909_0909]);
        assert_eq!(said[4..10], [5, 8 | 1 << 30, 80, 1 | 2 << 30, 9, 18 | 3 << 30]);
        assert_eq!(said[10..12], [1, 4]);
        assert_eq!(block[48..128], spaced);
        assert_eq!(block[128..136], [7, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(block[136..152], [7, 7, 7, 7, 7, 7, 7, 7, 7, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(words(&block[152..164]), [2, 50, 100]);
        assert_eq!(block[168..], [1, 2, 0, 0, 0, 0, 0, 0]);
    }

    #[test]
    fn a_block_is_read_as_far_as_its_file_goes() {
        let path = std::env::temp_dir().join(format!("smartspeed-segment-{}", std::process::id()));
        let bytes: Vec<u8> = (0..100).collect();
        fs::write(&path, &bytes).unwrap();
        let file = File::open(&path).unwrap();
        let mut block = [0; 40];
        assert_eq!(read_block(&file, 32, &mut block).unwrap(), (40, crc32c(&bytes[40..72], 0)));
        assert_eq!(block, bytes[32..72]);
        assert_eq!(read_block(&file, 80, &mut block).unwrap(), (20, crc32c(&bytes[88..], 0)));
        assert_eq!(read_block(&file, 96, &mut block).unwrap(), (4, 0));
        assert_eq!(read_block(&file, 500, &mut block).unwrap(), (0, 0));
        fs::remove_file(&path).unwrap();
    }
}

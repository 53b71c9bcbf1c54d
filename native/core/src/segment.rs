//! Blocks of the embedded log and the files that they lie in, for threads beside JavaScript's.

use std::fs::File;
use std::io::{self, ErrorKind};
use std::os::unix::fs::FileExt;

use crate::crc32c::crc32c;

/// Where what a block's checksum covers begins: behind its mark and the checksum itself.
const SUMMED_FROM: usize = 8;

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
    use super::read_block;
    use crate::crc32c::crc32c;
    use std::fs::{self, File};

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

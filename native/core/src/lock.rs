//! Advisory locks of open files: they end with the process, also when it is killed.

use std::ffi::c_int;
use std::io;

unsafe extern "C" {
    fn flock(fd: c_int, operation: c_int) -> c_int;
}

const SHARED: c_int = 1;
const EXCLUSIVE: c_int = 2;
const AT_ONCE: c_int = 4;

/// Takes the lock of an open file if it is free: false when another open file holds one that excludes it.
/// Closing the file gives it back. Asking again changes shared to exclusive and back, not in one instant.
pub fn try_lock(fd: i32, shared: bool) -> io::Result<bool> {
    let operation = AT_ONCE | if shared { SHARED } else { EXCLUSIVE };
    loop {
        // SAFETY: flock reads two integers; a wrong descriptor is an error that it returns.
        if unsafe { flock(fd, operation) } == 0 {
            return Ok(true);
        }
        let error = io::Error::last_os_error();
        match error.kind() {
            io::ErrorKind::WouldBlock => return Ok(false),
            io::ErrorKind::Interrupted => continue,
            _ => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::try_lock;
    use std::fs::File;
    use std::os::fd::AsRawFd;

    #[test]
    fn one_holder_excludes_others_until_it_closes() {
        let path = std::env::temp_dir().join(format!("smartspeed-lock-{}", std::process::id()));
        let first = File::create(&path).unwrap();
        let second = File::open(&path).unwrap();
        assert!(try_lock(first.as_raw_fd(), false).unwrap());
        assert!(!try_lock(second.as_raw_fd(), true).unwrap());
        assert!(try_lock(first.as_raw_fd(), true).unwrap());
        assert!(try_lock(second.as_raw_fd(), true).unwrap());
        drop(first);
        assert!(try_lock(second.as_raw_fd(), false).unwrap());
        assert!(try_lock(-1, false).is_err());
        std::fs::remove_file(&path).unwrap();
    }
}

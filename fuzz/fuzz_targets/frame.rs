//! Whatever the bytes, a frame is an error or messages, and a part of it says what the whole says.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topicvault::archive::codec::{decode_frame, decode_runs};

fuzz_target!(|input: (u8, &[u8])| {
    let (chosen, bytes) = input;
    let mut frame = b"TVF\x01".to_vec();
    frame.extend_from_slice(bytes);
    let slots: Vec<usize> = (0..8).filter(|slot| chosen >> slot & 1 == 1).collect();
    let some = decode_runs(&frame, &slots);
    if let Ok(all) = decode_frame(&frame)
        && slots.last().is_none_or(|last| *last < all.len())
    {
        let wanted: Vec<_> = slots
            .iter()
            .filter_map(|slot| all.get(*slot).cloned())
            .collect();
        assert_eq!(some, Ok(wanted));
    }
});

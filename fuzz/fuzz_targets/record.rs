//! Whatever the line, it is refused or it is a message that survives being written again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use topicvault::transcript::Record;

fuzz_target!(|line: &[u8]| {
    let Ok(record) = serde_json::from_slice::<Record<'_>>(line) else {
        return;
    };
    let written = serde_json::to_vec(&record).expect("a record can be written");
    let again: Record<'_> = serde_json::from_slice(&written).expect("and read again");
    assert_eq!(again.into_snapshot(), record.into_snapshot());
});

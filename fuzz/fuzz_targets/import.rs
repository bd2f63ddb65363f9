//! Whatever a file holds, reading it as an export ends, with messages or with the place of what is
//! wrong; and what is left out when asked to makes the rest readable.
#![no_main]

use std::ops::ControlFlow;

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use topicvault::import::{self, ImportError, Options};

fuzz_target!(|input: (bool, &[u8])| {
    let (inside, bytes) = input;
    // Half of the time only the messages are made up.
    let whole = match inside {
        true => [b"{\"id\":5,\"messages\":[".as_slice(), bytes, b"]}"].concat(),
        false => bytes.to_vec(),
    };
    let mut options = Options {
        group: None,
        zone: TimeZone::UTC,
        skip_bad: false,
        files: None,
        level: 1,
        at: 0,
    };
    let go_on = &mut |_| ControlFlow::Continue(());
    let strict = import::check(whole.as_slice(), &options, go_on);
    options.skip_bad = true;
    let patient = import::check(whole.as_slice(), &options, go_on);
    match (strict, patient) {
        (Ok(strict), Ok(patient)) => assert_eq!(strict, patient),
        (Err(ImportError::Record { place, .. }), other) => {
            assert!(place.offset < whole.len() as u64);
            if let Ok(other) = other {
                assert!(other.groups.iter().any(|group| group.left_out.bad_count > 0));
            }
        }
        (Err(_), Err(_)) => {}
        (strict, patient) => panic!("{strict:?} {patient:?}"),
    }
});

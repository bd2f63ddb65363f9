//! Any text is a query or is said not to be one, and finds what it is made of.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use topicvault::archive::Query;

fuzz_target!(|text: &str| {
    let query = Query::parse(text, &TimeZone::UTC);
    // What can be read can be read in quotes as well, unless it has some.
    if query.is_ok() && !text.contains([':', '"', '-']) {
        assert!(Query::parse(&format!("\"{text}\""), &TimeZone::UTC).is_ok());
    }
});

//! Whatever comes over the wire or stands in an envelope, the MTProto server survives it.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use tokio::runtime::{Builder, Runtime};
use topicvault::emulator::crm::Relay;
use topicvault::emulator::mtproto::Probe;
use topicvault::emulator::scenario;
use topicvault::emulator::world::World;

static SERVER: LazyLock<(Probe, Runtime)> = LazyLock::new(|| {
    let (state, cast) = scenario::build(1, 40, Relay::Bot);
    let probe = Probe::new(World::new(state), cast.userbot).expect("the userbot exists");
    let runtime = Builder::new_current_thread().enable_all().build();
    (probe, runtime.expect("a runtime needs nothing"))
});

fuzz_target!(|input: (bool, u8, &[u8])| {
    let (wire, method, bytes) = input;
    let (probe, runtime) = &*SERVER;
    if wire {
        probe.wire(bytes);
    } else {
        let request = [&Probe::method(method.into())[..], bytes].concat();
        runtime.block_on(probe.say(&request));
        runtime.block_on(probe.say(bytes));
    }
});

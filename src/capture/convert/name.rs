//! The name of whatever Telegram sent.

use grammers_client::tl;

/// The first four bytes of a serialisation, which say the constructor; the rest is let go.
#[derive(Default)]
struct Head {
    id: [u8; 4],
    filled: usize,
}

impl Extend<u8> for Head {
    fn extend<T: IntoIterator<Item = u8>>(&mut self, bytes: T) {
        for (place, byte) in self.id.iter_mut().skip(self.filled).zip(bytes) {
            *place = byte;
            self.filled += 1;
        }
    }
}

/// The schema's name of a value's constructor, such as `messageActionGiftStars`. Works for every
/// boxed type, those of later layers included, so that no list of names has to be kept.
pub(in crate::capture) fn constructor(value: &impl tl::Serializable) -> String {
    let mut head = Head::default();
    value.serialize(&mut head);
    tl::name_for_id(u32::from_le_bytes(head.id)).to_owned()
}

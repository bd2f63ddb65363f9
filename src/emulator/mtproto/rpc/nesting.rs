//! How deep a request goes, before it is read.

use grammers_tl_types::name_for_id;

/// Constructors of [`NESTING`] in one request, at most. The hungriest of them take some 13 kB of
/// stack a level in a debug build.
const MOST: usize = 64;

/// The constructors with a field of their own kind, or of a kind that leads back to it: within
/// `RichText`; `PageBlock` and its list items; `InputMedia`, `MessageMedia`, `Poll`, `StoryItem`,
/// `WebPage` and what they share; `JSONValue`; `InputPeer`; `SecureRequiredType`. They follow from
/// the schema of layer 230, and are to be found anew for another one: the strongly connected parts
/// of the graph of its types. Sorted.
const NESTING: [&str; 59] = [
    "inputMediaInvoice",
    "inputMediaPaidMedia",
    "inputMediaPoll",
    "inputPeerChannelFromMessage",
    "inputPeerUserFromMessage",
    "inputPollAnswer",
    "jsonArray",
    "jsonObject",
    "jsonObjectValue",
    "messageExtendedMedia",
    "messageMediaInvoice",
    "messageMediaPaidMedia",
    "messageMediaPoll",
    "messageMediaStory",
    "messageMediaWebPage",
    "pageBlockBlockquoteBlocks",
    "pageBlockCollage",
    "pageBlockCover",
    "pageBlockDetails",
    "pageBlockEmbedPost",
    "pageBlockList",
    "pageBlockOrderedList",
    "pageBlockSlideshow",
    "pageListItemBlocks",
    "pageListOrderedItemBlocks",
    "poll",
    "pollAnswer",
    "pollResults",
    "secureRequiredTypeOneOf",
    "storyItem",
    "textAnchor",
    "textAutoEmail",
    "textAutoPhone",
    "textAutoUrl",
    "textBankCard",
    "textBold",
    "textBotCommand",
    "textButton",
    "textCashtag",
    "textConcat",
    "textDate",
    "textDiff",
    "textEmail",
    "textFixed",
    "textHashtag",
    "textItalic",
    "textMarked",
    "textMention",
    "textMentionName",
    "textPhone",
    "textSpoiler",
    "textStrike",
    "textSubscript",
    "textSuperscript",
    "textTonAddress",
    "textUnderline",
    "textUrl",
    "webPage",
    "webPageAttributeStory",
];

/// Whether a request has more such constructors than any real one. Kinds that contain themselves
/// are read by recursion, a constructor a level, so whatever passes cannot exhaust the stack; all
/// other kinds lead no deeper than 14 levels.
pub(super) fn too_deep(request: &[u8]) -> bool {
    let words = request.as_chunks().0.iter().copied();
    let nesting = words.filter(|word| nests(u32::from_le_bytes(*word)));
    nesting.take(MOST + 1).count() > MOST
}

fn nests(word: u32) -> bool {
    NESTING.binary_search(&name_for_id(word)).is_ok()
}

#[cfg(test)]
mod tests {
    use grammers_tl_types::{Identifiable, Serializable, enums, functions, types};

    use super::*;

    #[test]
    fn the_list_is_sorted() {
        assert!(NESTING.is_sorted());
    }

    #[test]
    fn long_lists_pass_and_deep_ones_do_not() {
        let id = (0..200).map(|user_id| {
            let user = types::InputUser {
                user_id,
                access_hash: 1,
            };
            enums::InputUser::from(user)
        });
        let long = functions::users::GetUsers { id: id.collect() };
        assert!(!too_deep(&long.to_bytes()));
        let deep = types::InputPeerUserFromMessage::CONSTRUCTOR_ID.to_le_bytes();
        assert!(too_deep(&deep.repeat(MOST + 1)));
    }
}

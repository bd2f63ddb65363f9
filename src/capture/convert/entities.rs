//! Formatting and buttons.

use grammers_client::tl;

use super::name::constructor;
use crate::model::{Button, Entity, EntityKind, PersonId};

/// Formatting, ordered by offset. A stretch that does not lie in any text is left out.
pub(super) fn entities(raw: Option<&[tl::enums::MessageEntity]>) -> Vec<Entity> {
    let mut entities: Vec<Entity> = raw.unwrap_or_default().iter().filter_map(entity).collect();
    entities.sort_by_key(|entity| entity.offset);
    entities
}

fn entity(raw: &tl::enums::MessageEntity) -> Option<Entity> {
    use tl::enums::MessageEntity as Raw;
    let unknown = || EntityKind::Unknown {
        name: constructor(raw),
    };
    let (offset, length, kind) = match raw {
        Raw::Mention(e) => (e.offset, e.length, EntityKind::Mention),
        Raw::MentionName(e) => (
            e.offset,
            e.length,
            EntityKind::MentionName {
                user_id: PersonId(e.user_id),
            },
        ),
        Raw::Hashtag(e) => (e.offset, e.length, EntityKind::Hashtag),
        Raw::Cashtag(e) => (e.offset, e.length, EntityKind::Cashtag),
        Raw::BotCommand(e) => (e.offset, e.length, EntityKind::BotCommand),
        Raw::Url(e) => (e.offset, e.length, EntityKind::Link),
        Raw::TextUrl(e) => (
            e.offset,
            e.length,
            EntityKind::TextLink {
                href: e.url.clone(),
            },
        ),
        Raw::Email(e) => (e.offset, e.length, EntityKind::Email),
        Raw::Phone(e) => (e.offset, e.length, EntityKind::Phone),
        Raw::BankCard(e) => (e.offset, e.length, EntityKind::BankCard),
        Raw::Bold(e) => (e.offset, e.length, EntityKind::Bold),
        Raw::Italic(e) => (e.offset, e.length, EntityKind::Italic),
        Raw::Underline(e) => (e.offset, e.length, EntityKind::Underline),
        Raw::Strike(e) => (e.offset, e.length, EntityKind::Strikethrough),
        Raw::Spoiler(e) => (e.offset, e.length, EntityKind::Spoiler),
        Raw::Code(e) => (e.offset, e.length, EntityKind::Code),
        Raw::Pre(e) => (
            e.offset,
            e.length,
            EntityKind::Pre {
                language: e.language.clone(),
            },
        ),
        Raw::Blockquote(e) => (e.offset, e.length, EntityKind::Blockquote),
        Raw::CustomEmoji(e) => (
            e.offset,
            e.length,
            EntityKind::CustomEmoji {
                document_id: e.document_id,
            },
        ),
        Raw::Unknown(e) => (e.offset, e.length, unknown()),
        Raw::InputMessageEntityMentionName(e) => (e.offset, e.length, unknown()),
        Raw::FormattedDate(e) => (e.offset, e.length, unknown()),
        Raw::DiffInsert(e) => (e.offset, e.length, unknown()),
        Raw::DiffReplace(e) => (e.offset, e.length, unknown()),
        Raw::DiffDelete(e) => (e.offset, e.length, unknown()),
        Raw::TonAddress(e) => (e.offset, e.length, unknown()),
    };
    Some(Entity {
        offset: u32::try_from(offset).ok()?,
        length: u32::try_from(length).ok()?,
        kind,
    })
}

/// Rows of buttons: those below the message, and those offered in place of the keyboard.
pub(super) fn buttons(markup: Option<&tl::enums::ReplyMarkup>) -> Vec<Vec<Button>> {
    match markup {
        Some(tl::enums::ReplyMarkup::ReplyInlineMarkup(markup)) => markup
            .rows
            .iter()
            .map(|row| {
                let tl::enums::KeyboardInlineButtonRow::Row(row) = row;
                row.buttons.iter().map(inline_button).collect()
            })
            .collect(),
        Some(tl::enums::ReplyMarkup::ReplyKeyboardMarkup(markup)) => markup
            .rows
            .iter()
            .map(|row| {
                let tl::enums::KeyboardButtonRow::Row(row) = row;
                row.buttons.iter().map(keyboard_button).collect()
            })
            .collect(),
        Some(
            tl::enums::ReplyMarkup::ReplyKeyboardHide(_)
            | tl::enums::ReplyMarkup::ReplyKeyboardForceReply(_),
        )
        | None => Vec::new(),
    }
}

fn inline_button(raw: &tl::enums::KeyboardInlineButton) -> Button {
    use tl::enums::InlineButtonType as Kind;
    let tl::enums::KeyboardInlineButton::Button(raw) = raw;
    Button {
        text: raw.text.clone(),
        url: match &raw.r#type {
            Kind::Url(kind) => Some(kind.url.clone()),
            Kind::UrlAuth(kind) => Some(kind.url.clone()),
            Kind::WebView(kind) => Some(kind.url.clone()),
            _ => None,
        },
    }
}

fn keyboard_button(raw: &tl::enums::KeyboardButton) -> Button {
    let tl::enums::KeyboardButton::Button(raw) = raw;
    Button {
        text: raw.text.clone(),
        url: match &raw.r#type {
            tl::enums::ButtonType::SimpleWebView(kind) => Some(kind.url.clone()),
            _ => None,
        },
    }
}

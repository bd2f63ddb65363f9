//! What Telegram's servers take at all: one set of limits for both faces and the control port.

use super::content::{Content, Poll};
use super::file::FileKind;
use super::group::Group;
use super::message::{Button, Draft, Quote};
use super::refusal::Refusal;
use super::state::State;
use crate::emulator::text::units;

/// Longest text and caption, in UTF-16 units.
const TEXT: i32 = 4096;
const CAPTION: i32 = 1024;

/// Longest quote, in UTF-16 units.
const QUOTE: i32 = 1024;

/// Longest question and answer of a poll, in characters, and most answers.
const QUESTION: usize = 300;
const ANSWER: usize = 100;
const ANSWERS: usize = 12;

/// Longest field of a contact or a venue, in characters.
const FIELD: usize = 256;

/// Longest titles of topics and groups, and longest description, in characters.
const TITLE: usize = 128;
const ABOUT: usize = 255;

/// Buttons below one message, and in one row.
const BUTTONS: usize = 100;
const ROW: usize = 8;

/// Longest label, in characters; longest callback data, in bytes; longest text to copy, in
/// characters.
const LABEL: usize = 256;
const DATA: usize = 64;
const COPY: usize = 256;

/// Longest answer to a press of a button, in characters.
const PRESS_ANSWER: usize = 200;

impl State {
    /// Checks what somebody wants to post; `carries`: it will have a file or the like.
    pub(super) fn check(&self, place: &Group, draft: &Draft, carries: bool) -> Result<(), Refusal> {
        text(&draft.text, carries)?;
        if let Some(content) = &draft.content {
            check_content(content)?;
        }
        if let (Some(quote), Some(id)) = (&draft.quote, draft.reply_to) {
            let there = place.visible(id);
            let stands = there.is_some_and(|target| stands_in(quote, &target.text));
            stands.then_some(()).ok_or(Refusal::NoSuchQuote)?;
        }
        if let Some(album) = draft.album {
            self.check_album(place, album, draft)?;
        }
        buttons(&draft.buttons)
    }

    /// An album is made of files, and documents and music keep to themselves.
    fn check_album(&self, place: &Group, album: i64, draft: &Draft) -> Result<(), Refusal> {
        let kind = |file: Option<i64>| Some(self.file(file?)?.kind);
        let new = kind(draft.file).ok_or(Refusal::BadAlbum)?;
        let last = place.messages.values().next_back();
        let last = last.filter(|message| message.album == Some(album));
        let alone = |kind| matches!(kind, FileKind::Document | FileKind::Audio);
        match last.and_then(|message| kind(message.file)) {
            Some(old) if old != new && (alone(old) || alone(new)) => Err(Refusal::BadAlbum),
            _ => Ok(()),
        }
    }
}

/// A text, or a caption, which may be empty.
pub(super) fn text(text: &str, caption: bool) -> Result<(), Refusal> {
    if text.trim().is_empty() && !caption {
        return Err(Refusal::Empty);
    }
    if units(text) > if caption { CAPTION } else { TEXT } {
        return Err(Refusal::TooLong);
    }
    Ok(())
}

/// A topic's title.
pub(super) fn topic_title(title: &str) -> Result<(), Refusal> {
    within(title, TITLE)
        .then_some(())
        .ok_or(Refusal::NoTopicTitle)
}

/// A group's title.
pub(super) fn group_title(title: &str) -> Result<(), Refusal> {
    within(title, TITLE).then_some(()).ok_or(Refusal::NoTitle)
}

/// A group's description, which may be empty.
pub(super) fn about(about: &str) -> Result<(), Refusal> {
    let fits = about.chars().count() <= ABOUT;
    fits.then_some(()).ok_or(Refusal::AboutTooLong)
}

/// What a bot says to who pressed a button, which may be nothing.
pub(super) fn press_answer(text: &str) -> Result<(), Refusal> {
    let fits = text.chars().count() <= PRESS_ANSWER;
    fits.then_some(()).ok_or(Refusal::TooLong)
}

/// Rows of buttons.
pub(super) fn buttons(rows: &[Vec<Button>]) -> Result<(), Refusal> {
    let count: usize = rows.iter().map(Vec::len).sum();
    if count > BUTTONS || rows.iter().any(|row| row.is_empty() || row.len() > ROW) {
        return Err(Refusal::TooManyButtons);
    }
    rows.iter().flatten().try_for_each(button)
}

fn button(button: &Button) -> Result<(), Refusal> {
    if !within(&button.text, LABEL) {
        return Err(Refusal::BadButtonText);
    }
    match (&button.url, &button.data, &button.copy) {
        (Some(url), ..) if leads_somewhere(url) => Ok(()),
        (Some(_), ..) => Err(Refusal::BadButtonUrl),
        (None, Some(data), None) if (1..=DATA).contains(&data.len()) => Ok(()),
        (None, Some(_), None) => Err(Refusal::BadButtonData),
        (None, None, Some(copy)) if (1..=COPY).contains(&copy.chars().count()) => Ok(()),
        (None, None, Some(_)) => Err(Refusal::BadButtonCopy),
        _ => Err(Refusal::BadButton),
    }
}

/// Whether a link is one that a button may carry; without a scheme it is HTTP.
pub(in crate::emulator) fn leads_somewhere(url: &str) -> bool {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let known = ["http", "https", "tg", "ton", "tonsite"];
    known.iter().any(|known| scheme.eq_ignore_ascii_case(known))
        && !host.is_empty()
        && !url.contains(char::is_whitespace)
        && (!scheme.starts_with("http") || host.contains(['.', ':']) || host == "localhost")
}

fn check_content(content: &Content) -> Result<(), Refusal> {
    let long = |field: &String| field.chars().count() > FIELD;
    let (fields, point) = match content {
        Content::Contact {
            phone,
            first_name,
            last_name,
            ..
        } => {
            if first_name.trim().is_empty() {
                return Err(Refusal::NoContactName);
            }
            if phone.trim().is_empty() {
                return Err(Refusal::NoContactPhone);
            }
            (vec![phone, first_name, last_name], None)
        }
        Content::Venue {
            title,
            address,
            point,
        } => (vec![title, address], Some(point)),
        Content::Location { point } => (Vec::new(), Some(point)),
        Content::Poll(poll) => return check_poll(poll),
        Content::Dice { .. } => (Vec::new(), None),
    };
    if point.is_some_and(|at| {
        let fits = |degrees: f64, most: f64| degrees.is_finite() && degrees.abs() <= most;
        !fits(at.latitude, 90.0) || !fits(at.longitude, 180.0)
    }) {
        return Err(Refusal::BadPoint);
    }
    if fields.into_iter().any(long) {
        return Err(Refusal::FieldTooLong);
    }
    Ok(())
}

fn check_poll(poll: &Poll) -> Result<(), Refusal> {
    if !within(&poll.question, QUESTION) {
        return Err(Refusal::BadQuestion);
    }
    // One is enough by now: people may be invited to add answers.
    if !(1..=ANSWERS).contains(&poll.options.len()) {
        return Err(Refusal::BadAnswers);
    }
    if poll
        .options
        .iter()
        .any(|option| !within(&option.text, ANSWER))
    {
        return Err(Refusal::BadAnswer);
    }
    if poll.correct.is_some_and(|at| at >= poll.options.len()) {
        return Err(Refusal::BadCorrectAnswer);
    }
    Ok(())
}

/// Whether a quote is part of a text.
fn stands_in(quote: &Quote, text: &str) -> bool {
    !quote.text.is_empty() && units(&quote.text) <= QUOTE && text.contains(&quote.text)
}

/// Whether a text says something in so many characters.
fn within(text: &str, most: usize) -> bool {
    !text.trim().is_empty() && text.chars().count() <= most
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::emulator::world::{File, Point, PollOption};

    const GROUP: i64 = 100;
    const ME: i64 = 1;

    fn world() -> State {
        let mut state = State::new(7);
        state.add_group(GROUP, "Desk", true, ME, 0);
        state
    }

    fn said(text: &str) -> Draft {
        Draft {
            text: text.to_owned(),
            ..Draft::default()
        }
    }

    fn carrying(content: Content) -> Draft {
        Draft {
            content: Some(content),
            ..Draft::default()
        }
    }

    fn pressed(button: Button) -> Draft {
        Draft {
            buttons: vec![vec![button]],
            ..said("x")
        }
    }

    fn refused(draft: Draft) -> Refusal {
        world().post(GROUP, ME, draft).unwrap_err()
    }

    #[test]
    fn texts_have_a_length() {
        assert_eq!(refused(said(" ")), Refusal::Empty);
        assert_eq!(refused(said(&"😀".repeat(2049))), Refusal::TooLong);
        world().post(GROUP, ME, said(&"😀".repeat(2048))).unwrap();
    }

    #[test]
    fn polls_are_checked() {
        let poll = |question: &str, answers: &[&str], correct| {
            let option = |text: &&str| PollOption {
                text: (*text).to_owned(),
                ..PollOption::default()
            };
            carrying(Content::Poll(Poll {
                question: question.to_owned(),
                options: answers.iter().map(option).collect(),
                correct,
                ..Poll::default()
            }))
        };
        let (long, longer) = ("ü".repeat(300), "ü".repeat(301));
        for (draft, refusal) in [
            (poll("", &["a", "b"], None), Refusal::BadQuestion),
            (poll(&longer, &["a", "b"], None), Refusal::BadQuestion),
            (poll("q", &[], None), Refusal::BadAnswers),
            (poll("q", &["a"; 13], None), Refusal::BadAnswers),
            (poll("q", &["a", " "], None), Refusal::BadAnswer),
            (poll("q", &["a", &long], None), Refusal::BadAnswer),
            (poll("q", &["a", "b"], Some(2)), Refusal::BadCorrectAnswer),
        ] {
            assert_eq!(refused(draft), refusal);
        }
        let good = poll(&long, &["a"; 12], Some(11));
        world().post(GROUP, ME, good).unwrap();
    }

    #[test]
    fn contacts_and_places_are_checked() {
        let contact = |phone: &str, first_name: &str| {
            carrying(Content::Contact {
                phone: phone.to_owned(),
                first_name: first_name.to_owned(),
                last_name: String::new(),
                user_id: None,
            })
        };
        let point = |latitude| Point {
            latitude,
            longitude: 0.0,
        };
        let venue = |title: String| {
            carrying(Content::Venue {
                point: point(1.0),
                title,
                address: String::new(),
            })
        };
        let location = |latitude| {
            carrying(Content::Location {
                point: point(latitude),
            })
        };
        assert_eq!(refused(contact("", "Anna")), Refusal::NoContactPhone);
        assert_eq!(refused(contact("1", " ")), Refusal::NoContactName);
        assert_eq!(
            refused(contact("1", &"x".repeat(257))),
            Refusal::FieldTooLong
        );
        assert_eq!(refused(venue("x".repeat(257))), Refusal::FieldTooLong);
        assert_eq!(refused(location(90.1)), Refusal::BadPoint);
        assert_eq!(refused(location(f64::NAN)), Refusal::BadPoint);
        world().post(GROUP, ME, contact("1", "Anna")).unwrap();
    }

    #[test]
    fn buttons_are_checked() {
        let button = |text: &str| Button {
            text: text.to_owned(),
            ..Button::default()
        };
        let data = |data: &str| Button {
            data: Some(data.to_owned()),
            ..button("x")
        };
        let url = |url: &str| Button {
            url: Some(url.to_owned()),
            ..button("x")
        };
        let copy = |copy: &str| Button {
            copy: Some(copy.to_owned()),
            ..button("x")
        };
        let unnamed = Button {
            data: Some("a".to_owned()),
            ..button(" ")
        };
        for (bad, refusal) in [
            (button("x"), Refusal::BadButton),
            (unnamed, Refusal::BadButtonText),
            (data(""), Refusal::BadButtonData),
            (data(&"x".repeat(65)), Refusal::BadButtonData),
            (url("javascript://x"), Refusal::BadButtonUrl),
            (url("https://"), Refusal::BadButtonUrl),
            (copy(&"x".repeat(257)), Refusal::BadButtonCopy),
        ] {
            assert_eq!(refused(pressed(bad.clone())), refusal, "{bad:?}");
        }
        for good in [data(&"x".repeat(64)), url("tg://user?id=1"), copy("x")] {
            world().post(GROUP, ME, pressed(good)).unwrap();
        }
        for rows in [
            vec![Vec::new()],
            vec![vec![data("x"); 9]],
            vec![vec![data("x")]; 101],
        ] {
            let draft = Draft {
                buttons: rows,
                ..said("x")
            };
            assert_eq!(refused(draft), Refusal::TooManyButtons);
        }
        let mut state = world();
        let id = state.post(GROUP, ME, said("x")).unwrap();
        let edited = state.edit(GROUP, ME, id, pressed(data("")));
        assert_eq!(edited, Err(Refusal::BadButtonData));
    }

    #[test]
    fn quotes_stand_in_what_is_replied_to() {
        let mut state = world();
        let id = state.post(GROUP, ME, said("one two three")).unwrap();
        let mut reply = |text: &str| {
            let draft = Draft {
                reply_to: Some(id),
                quote: Some(Quote {
                    text: text.to_owned(),
                    ..Quote::default()
                }),
                ..said("x")
            };
            state.post(GROUP, ME, draft)
        };
        reply("two").unwrap();
        assert_eq!(reply("four"), Err(Refusal::NoSuchQuote));
        assert_eq!(reply(""), Err(Refusal::NoSuchQuote));
    }

    #[test]
    fn an_album_is_of_files_that_go_together() {
        let mut state = world();
        let mut file = |kind| {
            Some(state.add_file(File {
                kind,
                ..File::default()
            }))
        };
        let [photo, video, document] =
            [FileKind::Photo, FileKind::Video, FileKind::Document].map(&mut file);
        let mut post = |album: i64, file| {
            let draft = Draft {
                file,
                album: Some(album),
                ..said("x")
            };
            state.post(GROUP, ME, draft)
        };
        assert_eq!(post(1, None), Err(Refusal::BadAlbum));
        post(1, photo).unwrap();
        post(1, video).unwrap();
        assert_eq!(post(1, document), Err(Refusal::BadAlbum));
        post(2, document).unwrap();
        post(2, document).unwrap();
    }

    #[test]
    fn an_answer_to_a_press_has_a_length() {
        assert_eq!(press_answer(&"ü".repeat(201)), Err(Refusal::TooLong));
        press_answer(&"ü".repeat(200)).unwrap();
        press_answer("").unwrap();
    }

    #[test]
    fn titles_and_descriptions_have_a_length() {
        let mut state = world();
        let (long, longer) = ("ü".repeat(128), "ü".repeat(129));
        for bad in ["", " ", &longer] {
            let made = state.create_topic(GROUP, ME, bad, None, None);
            assert_eq!(made, Err(Refusal::NoTopicTitle));
            let renamed = state.edit_topic(GROUP, ME, 1, Some(bad), None, None);
            assert_eq!(renamed, Err(Refusal::NoTopicTitle));
            assert_eq!(state.rename_group(GROUP, ME, bad), Err(Refusal::NoTitle));
        }
        state.create_topic(GROUP, ME, &long, None, None).unwrap();
        state.rename_group(GROUP, ME, &long).unwrap();
        let about = state.describe_group(GROUP, ME, &"ü".repeat(256));
        assert_eq!(about, Err(Refusal::AboutTooLong));
        state.describe_group(GROUP, ME, &"ü".repeat(255)).unwrap();
    }
}

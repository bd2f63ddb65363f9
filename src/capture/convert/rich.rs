//! Articles as messages: their blocks as plain text, so that they can be read and found.

use grammers_client::tl;
use tl::enums::{PageBlock as Block, RichText as Text};

/// Blocks within blocks, at most.
const DEPTH: usize = 32;

/// The text of an article, a block a line. Pictures and the like leave their captions.
pub(super) fn text(raw: &tl::enums::RichMessage) -> String {
    let tl::enums::RichMessage::Message(raw) = raw;
    let mut out = Lines::default();
    out.blocks(&raw.blocks, DEPTH);
    out.text.trim_end().to_owned()
}

#[derive(Default)]
struct Lines {
    text: String,
}

impl Lines {
    fn line(&mut self, parts: &[&Text]) {
        let before = self.text.len();
        for part in parts {
            self.words(part, DEPTH);
        }
        if self.text.len() > before {
            self.text.push('\n');
        }
    }

    fn blocks(&mut self, blocks: &[Block], depth: usize) {
        if depth > 0 {
            blocks.iter().for_each(|block| self.block(block, depth - 1));
        }
    }

    fn block(&mut self, block: &Block, depth: usize) {
        match block {
            Block::Title(it) => self.line(&[&it.text]),
            Block::Subtitle(it) => self.line(&[&it.text]),
            Block::AuthorDate(it) => self.line(&[&it.author]),
            Block::Header(it) => self.line(&[&it.text]),
            Block::Subheader(it) => self.line(&[&it.text]),
            Block::Paragraph(it) => self.line(&[&it.text]),
            Block::Preformatted(it) => self.line(&[&it.text]),
            Block::Footer(it) => self.line(&[&it.text]),
            Block::Kicker(it) => self.line(&[&it.text]),
            Block::Heading1(it) => self.line(&[&it.text]),
            Block::Heading2(it) => self.line(&[&it.text]),
            Block::Heading3(it) => self.line(&[&it.text]),
            Block::Heading4(it) => self.line(&[&it.text]),
            Block::Heading5(it) => self.line(&[&it.text]),
            Block::Heading6(it) => self.line(&[&it.text]),
            Block::Thinking(it) => self.line(&[&it.text]),
            Block::Math(it) => self.plain(&it.source),
            Block::Blockquote(it) => self.both(&it.text, &it.caption),
            Block::Pullquote(it) => self.both(&it.text, &it.caption),
            Block::BlockquoteBlocks(it) => {
                self.blocks(&it.blocks, depth);
                self.line(&[&it.caption]);
            }
            Block::List(it) => it.items.iter().for_each(|item| match item {
                tl::enums::PageListItem::Text(item) => self.line(&[&item.text]),
                tl::enums::PageListItem::Blocks(item) => self.blocks(&item.blocks, depth),
            }),
            Block::OrderedList(it) => it.items.iter().for_each(|item| match item {
                tl::enums::PageListOrderedItem::Text(item) => self.line(&[&item.text]),
                tl::enums::PageListOrderedItem::Blocks(item) => self.blocks(&item.blocks, depth),
            }),
            Block::Details(it) => {
                self.line(&[&it.title]);
                self.blocks(&it.blocks, depth);
            }
            Block::Table(it) => self.table(it),
            Block::Cover(it) if depth > 0 => self.block(&it.cover, depth - 1),
            Block::EmbedPost(it) => {
                self.blocks(&it.blocks, depth);
                self.caption(&it.caption);
            }
            Block::Collage(it) => {
                self.blocks(&it.items, depth);
                self.caption(&it.caption);
            }
            Block::Slideshow(it) => {
                self.blocks(&it.items, depth);
                self.caption(&it.caption);
            }
            Block::Photo(it) => self.caption(&it.caption),
            Block::Video(it) => self.caption(&it.caption),
            Block::Audio(it) => self.caption(&it.caption),
            Block::Document(it) => self.caption(&it.caption),
            Block::Embed(it) => self.caption(&it.caption),
            Block::Map(it) => self.caption(&it.caption),
            Block::RelatedArticles(it) => self.line(&[&it.title]),
            _ => {}
        }
    }

    fn both(&mut self, text: &Text, caption: &Text) {
        self.line(&[text]);
        self.line(&[caption]);
    }

    fn caption(&mut self, caption: &tl::enums::PageCaption) {
        let tl::enums::PageCaption::Caption(caption) = caption;
        self.both(&caption.text, &caption.credit);
    }

    fn table(&mut self, table: &tl::types::PageBlockTable) {
        self.line(&[&table.title]);
        for row in &table.rows {
            let tl::enums::PageTableRow::Row(row) = row;
            for (place, cell) in row.cells.iter().enumerate() {
                let tl::enums::PageTableCell::Cell(cell) = cell;
                if place > 0 {
                    self.text.push_str(" | ");
                }
                if let Some(text) = &cell.text {
                    self.words(text, DEPTH);
                }
            }
            self.text.push('\n');
        }
    }

    fn plain(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }

    fn words(&mut self, text: &Text, depth: usize) {
        let Some(depth) = depth.checked_sub(1) else {
            return;
        };
        match text {
            Text::TextEmpty | Text::TextImage(_) => {}
            Text::TextPlain(it) => self.text.push_str(&it.text),
            Text::TextMath(it) => self.text.push_str(&it.source),
            Text::TextCustomEmoji(it) => self.text.push_str(&it.alt),
            Text::TextConcat(it) => it.texts.iter().for_each(|text| self.words(text, depth)),
            Text::TextBold(it) => self.words(&it.text, depth),
            Text::TextItalic(it) => self.words(&it.text, depth),
            Text::TextUnderline(it) => self.words(&it.text, depth),
            Text::TextStrike(it) => self.words(&it.text, depth),
            Text::TextFixed(it) => self.words(&it.text, depth),
            Text::TextUrl(it) => self.words(&it.text, depth),
            Text::TextEmail(it) => self.words(&it.text, depth),
            Text::TextSubscript(it) => self.words(&it.text, depth),
            Text::TextSuperscript(it) => self.words(&it.text, depth),
            Text::TextMarked(it) => self.words(&it.text, depth),
            Text::TextPhone(it) => self.words(&it.text, depth),
            Text::TextAnchor(it) => self.words(&it.text, depth),
            Text::TextSpoiler(it) => self.words(&it.text, depth),
            Text::TextMention(it) => self.words(&it.text, depth),
            Text::TextHashtag(it) => self.words(&it.text, depth),
            Text::TextBotCommand(it) => self.words(&it.text, depth),
            Text::TextCashtag(it) => self.words(&it.text, depth),
            Text::TextAutoUrl(it) => self.words(&it.text, depth),
            Text::TextAutoEmail(it) => self.words(&it.text, depth),
            Text::TextAutoPhone(it) => self.words(&it.text, depth),
            Text::TextBankCard(it) => self.words(&it.text, depth),
            Text::TextMentionName(it) => self.words(&it.text, depth),
            Text::TextDate(it) => self.words(&it.text, depth),
            Text::TextDiff(it) => self.words(&it.text, depth),
            Text::TextButton(it) => self.words(&it.text, depth),
            Text::TextTonAddress(it) => self.words(&it.text, depth),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> Text {
        tl::types::TextPlain {
            text: text.to_owned(),
        }
        .into()
    }

    fn bold(text: Text) -> Text {
        tl::types::TextBold { text }.into()
    }

    fn paragraph(text: Text) -> Block {
        tl::types::PageBlockParagraph { text }.into()
    }

    fn article(blocks: Vec<Block>) -> tl::enums::RichMessage {
        tl::types::RichMessage {
            rtl: false,
            part: false,
            blocks,
            photos: Vec::new(),
            documents: Vec::new(),
        }
        .into()
    }

    #[test]
    fn blocks_become_lines() {
        let title = tl::types::PageBlockTitle {
            text: plain("Title"),
        };
        let list = tl::types::PageBlockList {
            items: vec![
                tl::types::PageListItemText {
                    checkbox: false,
                    checked: false,
                    text: plain("one"),
                }
                .into(),
                tl::types::PageListItemBlocks {
                    checkbox: false,
                    checked: false,
                    blocks: vec![paragraph(plain("two"))],
                }
                .into(),
            ],
        };
        let words = tl::types::TextConcat {
            texts: vec![plain("a "), bold(plain("bold")), plain(" word")],
        };
        let read = text(&article(vec![
            title.into(),
            Block::Divider,
            paragraph(words.into()),
            list.into(),
        ]));
        assert_eq!(read, "Title\na bold word\none\ntwo");
    }

    #[test]
    fn what_is_nested_without_end_ends() {
        let mut words = plain("deep");
        let mut blocks = vec![paragraph(plain("deep"))];
        for _ in 0..200 {
            words = bold(words);
            blocks = vec![
                tl::types::PageBlockDetails {
                    open: false,
                    blocks,
                    title: plain("x"),
                }
                .into(),
            ];
        }
        blocks.push(paragraph(words));
        let read = text(&article(blocks));
        assert!(!read.contains("deep"));
        assert!(read.len() < 200);
    }
}

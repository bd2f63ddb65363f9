//! Where Telegram keeps a message's file.

use grammers_client::tl;

/// Where a file is, and what a request for it must present; good for some hours.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    /// The datacentre; 0 where Telegram does not say.
    pub(super) dc: i32,
    /// Bytes, as announced.
    pub(super) size: Option<u64>,
    /// Which of a photo's sizes; `d` for documents.
    pub(super) form: String,
    /// What a request names it by.
    pub(super) location: tl::enums::InputFileLocation,
}

/// The photo or document of a message: the largest size of a photo.
pub(super) fn remote(message: &tl::enums::Message) -> Option<Remote> {
    let tl::enums::Message::Message(message) = message else {
        return None;
    };
    match message.media.as_ref()? {
        tl::enums::MessageMedia::Photo(media) => match media.photo.as_ref()? {
            tl::enums::Photo::Photo(photo) => of_photo(photo),
            tl::enums::Photo::Empty(_) => None,
        },
        tl::enums::MessageMedia::Document(media) => match media.document.as_ref()? {
            tl::enums::Document::Document(document) => Some(of_document(document)),
            tl::enums::Document::Empty(_) => None,
        },
        _ => None,
    }
}

fn of_document(document: &tl::types::Document) -> Remote {
    Remote {
        dc: document.dc_id,
        size: u64::try_from(document.size).ok(),
        form: "d".to_owned(),
        location: tl::types::InputDocumentFileLocation {
            id: document.id,
            access_hash: document.access_hash,
            file_reference: document.file_reference.clone(),
            thumb_size: String::new(),
        }
        .into(),
    }
}

fn of_photo(photo: &tl::types::Photo) -> Option<Remote> {
    let sizes = photo.sizes.iter().filter_map(|size| match size {
        tl::enums::PhotoSize::Size(size) => Some((&size.r#type, size.w, size.h, size.size)),
        tl::enums::PhotoSize::Progressive(size) => {
            let whole = size.sizes.iter().copied().max().unwrap_or(-1);
            Some((&size.r#type, size.w, size.h, whole))
        }
        tl::enums::PhotoSize::PhotoCachedSize(size) => {
            let whole = i32::try_from(size.bytes.len()).unwrap_or(-1);
            Some((&size.r#type, size.w, size.h, whole))
        }
        tl::enums::PhotoSize::Empty(_)
        | tl::enums::PhotoSize::PhotoStrippedSize(_)
        | tl::enums::PhotoSize::PhotoPathSize(_) => None,
    });
    // The same as the description of the message names.
    let (form, _, _, bytes) =
        sizes.max_by_key(|(_, width, height, _)| i64::from(*width) * i64::from(*height))?;
    Some(Remote {
        dc: photo.dc_id,
        size: u64::try_from(bytes).ok(),
        form: form.clone(),
        location: tl::types::InputPhotoFileLocation {
            id: photo.id,
            access_hash: photo.access_hash,
            file_reference: photo.file_reference.clone(),
            thumb_size: form.clone(),
        }
        .into(),
    })
}

//! Tool results for dialects that take only words in them: what stays, what must be said in the user's next message, and how a failure is said.

use std::borrow::Cow;

use claw_hub::{Media, Part, PartKind, Source};

use crate::media;

/// What stands before the text of a result whose tool failed.
const ERROR_PREFIX: &str = "Error: ";
/// What a result says whose whole content was moved to the user's next message.
const MOVED: &str = "See the next message.";

/// The words of a file that is nothing else, for dialects that take no such files.
pub(crate) fn words_of(media: &Media) -> Option<String> {
    match &media.source {
        Source::Text(text) => Some(text.clone()),
        Source::Base64(data) if media::is_text(&media.media_type) => media::base64_text(data),
        Source::Base64(_) | Source::Url(_) | Source::FileId(_) => None,
    }
}

/// Whether a part can stand in a result.
pub(crate) fn stays(kind: &PartKind) -> bool {
    match kind {
        PartKind::Text(_) => true,
        PartKind::Document(media) => words_of(media).is_some(),
        _ => false,
    }
}

/// Finishes a result whose other content is said elsewhere: a failure is said in words, and a result of which nothing is left says where to look.
pub(crate) fn finish(stay: &mut Vec<Cow<'_, Part>>, is_error: bool, is_moved: bool) {
    if is_error {
        mark_error(stay);
    }
    if stay.is_empty() && is_moved {
        stay.push(Cow::Owned(Part::text(MOVED)));
    }
}

/// What stands in the user's message before the content of this result.
pub(crate) fn heading(id_or_name: &str) -> Part {
    Part::text(format!("Content of the tool result {id_or_name}:"))
}

fn mark_error(content: &mut Vec<Cow<'_, Part>>) {
    match content.first_mut() {
        Some(first) if matches!(first.kind, PartKind::Text(_)) => {
            if let PartKind::Text(text) = &mut first.to_mut().kind {
                text.insert_str(0, ERROR_PREFIX);
            }
        }
        _ => content.insert(0, Cow::Owned(Part::text(ERROR_PREFIX.trim_end()))),
    }
}

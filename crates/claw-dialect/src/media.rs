//! What pictures and files are, where a target wants it said and the caller did not.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// The media type of a picture by the first characters of its base64 text.
pub(crate) fn image_type(base64: &str) -> Option<&'static str> {
    // The signatures of the formats: \x89PNG, \xFF\xD8\xFF, GIF8, RIFF.
    let kinds = [
        ("iVBORw0KGgo", "image/png"),
        ("/9j/", "image/jpeg"),
        ("R0lGOD", "image/gif"),
        ("UklGR", "image/webp"),
    ];
    kinds.into_iter().find(|(prefix, _)| base64.starts_with(prefix)).map(|(_, media_type)| media_type)
}

/// The text that base64 holds, if it is UTF-8.
pub(crate) fn base64_text(base64: &str) -> Option<String> {
    String::from_utf8(STANDARD.decode(base64).ok()?).ok()
}

/// Whether files of this type are words.
pub(crate) fn is_text(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    essence.starts_with("text/")
        || matches!(essence, "application/json" | "application/xml" | "application/yaml")
}

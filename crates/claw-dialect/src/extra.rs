//! Fields that the hub has no word for, where they stand in an inner object: `image_url.format`, `options.num_ctx`.
//!
//! They travel with the request, part or tool that they belong to, under a dotted name, and are written back inside. A caller's own field with such a
//! dot in its name is refused, so that it cannot be written to a place where nobody looked at it.

use claw_hub::{Extra, Json, Losses, Refusal};

use crate::json::{ObjectWriter, Path};
use crate::turns::ROLE;

/// Puts what is left of an object and of its inner objects together.
///
/// # Errors
/// A field of the outer object is named as if it were one of an inner object.
pub(crate) fn gather(
    mut outer: Extra,
    path: &Path<'_>,
    inner: impl IntoIterator<Item = (&'static str, Extra)>,
) -> Result<Extra, Refusal> {
    for (name, fields) in inner {
        if let Some((key, _)) = outer.0.iter().find(|(key, _)| inside(key, name).is_some()) {
            return Err(path.field(key).refuse("is not a field: it has a dot in its name"));
        }
        outer.0.extend(fields.0.into_iter().map(|(key, json)| (format!("{name}.{key}"), json)));
    }
    Ok(outer)
}

fn inside<'k>(key: &'k str, name: &str) -> Option<&'k str> {
    key.strip_prefix(name)?.strip_prefix('.')
}

/// Writes the fields of the object itself: all but those of the inner objects, and those in `but`.
pub(crate) fn write_outer(o: &mut ObjectWriter<'_>, extra: &Extra, inner: &[&str], but: &[&str]) {
    for (key, json) in &extra.0 {
        if !but.contains(&key.as_str()) && !inner.iter().any(|name| inside(key, name).is_some()) {
            o.raw(key, json.as_str());
        }
    }
}

/// Writes the fields of an inner object.
pub(crate) fn write_inner(o: &mut ObjectWriter<'_>, extra: &Extra, name: &str) {
    for (key, json) in &extra.0 {
        if let Some(key) = inside(key, name) {
            o.raw(key, json.as_str());
        }
    }
}

/// A field by its name.
pub(crate) fn find<'e>(extra: &'e Extra, name: &str) -> Option<&'e Json> {
    extra.0.iter().find(|(key, _)| key == name).map(|(_, json)| json)
}

/// Notes that none of the fields arrives. The word for a role (`developer`) is no loss: what it stands for does arrive.
pub(crate) fn note(extra: &Extra, place: &str, losses: &mut Losses) {
    for (key, _) in extra.0.iter().filter(|(key, _)| key != ROLE) {
        losses.dropped(if place.is_empty() { key.clone() } else { format!("{place}.{key}") });
    }
}

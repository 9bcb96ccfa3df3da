//! Forwarding a request to its own dialect: the bytes that were parsed, changed only at parsed places.
//!
//! The whole list of changes: the value of `model`, and the patches that the dialect's reader asked for (OpenAI: an
//! inserted `stream_options.include_usage`).

use std::ops::Range;

use bytes::Bytes;
use claw_hub::{Request, Target};

use crate::json;

/// The body to send to the target as it arrived but for the splices, if the target speaks the dialect of origin and nothing was changed since.
pub fn forward(request: &Request, target: &Target) -> Option<Bytes> {
    let raw = request.raw.as_ref().filter(|_| request.origin == target.dialect)?;
    let mut model = Vec::new();
    let mut splices: Vec<(Range<usize>, &[u8])> =
        raw.patches.iter().map(|(range, text)| (range.clone(), text.as_bytes())).collect();
    if let Some(range) = raw.model.clone() {
        json::escape(&target.model, &mut model);
        if raw.body.get(range.clone()) != Some(model.as_slice()) {
            splices.push((range, &model));
        }
    }
    if splices.is_empty() {
        return Some(raw.body.clone());
    }
    splices.sort_by_key(|(range, _)| range.start);
    let mut out = Vec::with_capacity(raw.body.len() + 64);
    let mut copied = 0;
    for (range, text) in splices {
        out.extend_from_slice(raw.body.get(copied..range.start)?);
        out.extend_from_slice(text);
        copied = range.end;
    }
    out.extend_from_slice(raw.body.get(copied..)?);
    Some(out.into())
}

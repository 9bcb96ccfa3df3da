//! Usage, both ways. `prompt_tokens` includes what was cached: <https://platform.openai.com/docs/guides/prompt-caching>.

use claw_hub::Usage;

use crate::json::{Node, ObjectWriter};

/// Reads `usage`; `None` where the provider says nothing in it.
///
/// Vendors differ in two ways that the numbers themselves tell: some (DeepSeek, Moonshot) say cached tokens beside the details, and some
/// (xAI, Gemini) leave reasoning out of `completion_tokens` but not out of `total_tokens`.
pub(super) fn read(usage: &Node<'_>) -> Option<Usage> {
    let count = |key: &str| usage.get(key).and_then(Node::as_count);
    let detail =
        |of: &str, key: &str| usage.get(of).and_then(|details| details.get(key)).and_then(Node::as_count);
    let prompt = count("prompt_tokens");
    let completion = count("completion_tokens");
    if prompt.is_none() && completion.is_none() {
        return None;
    }
    let (prompt, completion) = (prompt.unwrap_or(0), completion.unwrap_or(0));
    let unlisted = count("total_tokens").unwrap_or(0).saturating_sub(prompt.saturating_add(completion));
    let cache_read = detail("prompt_tokens_details", "cached_tokens")
        .or_else(|| count("prompt_cache_hit_tokens"))
        .or_else(|| count("cached_tokens"))
        .unwrap_or(0)
        .min(prompt);
    let cache_write =
        detail("prompt_tokens_details", "cache_write_tokens").unwrap_or(0).min(prompt - cache_read);
    let output = completion.saturating_add(unlisted);
    let reasoning = detail("completion_tokens_details", "reasoning_tokens").unwrap_or(0).max(unlisted);
    Some(Usage {
        input_fresh: prompt - cache_read - cache_write,
        cache_read,
        cache_write,
        cache_write_1h: 0,
        output,
        reasoning: reasoning.min(output),
        estimated: false,
    })
}

/// Writes `usage`.
pub(super) fn write(o: &mut ObjectWriter<'_>, usage: &Usage) {
    o.object("usage", |o| {
        o.count("prompt_tokens", usage.input());
        o.count("completion_tokens", usage.output);
        o.count("total_tokens", usage.total());
        o.object("prompt_tokens_details", |o| {
            o.count("cached_tokens", usage.cache_read);
            let written = usage.cache_write.saturating_add(usage.cache_write_1h);
            if written > 0 {
                o.count("cache_write_tokens", written);
            }
        });
        o.object("completion_tokens_details", |o| o.count("reasoning_tokens", usage.reasoning));
    });
}

//! Tool names that a target does not allow, shortened on the way out and restored on the way back.
//!
//! Bedrock allows 64 characters of `[a-zA-Z0-9_-]`, Anthropic 128; tools of MCP servers have longer and odder ones.

use std::collections::HashSet;

use claw_hub::{Event, Part, PartKind, Reply, Request, ToolChoice};

use crate::call_ids::{Pattern, fit, fit_anew};

/// The names of one request that are written otherwise for its target.
///
/// ```text
/// let names = codec::tool_names(&request, &target);     // when the request is encoded
/// names.restore_event(&mut event);                      // on every event of the reply,
/// names.restore_reply(&mut reply);                      // or on the whole reply
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolNames {
    /// What is written, and what the caller said.
    pairs: Vec<(String, String)>,
}

impl ToolNames {
    /// The names of a request that do not fit. The same name is always written in the same way.
    pub(crate) fn of(request: &Request, pattern: Pattern) -> Self {
        let mut pairs: Vec<(String, String)> = Vec::new();
        let mut used: Option<HashSet<String>> = None;
        let mut see = |name: &str| {
            let fits = matches!(fit(name, pattern), std::borrow::Cow::Borrowed(_));
            if !fits && !pairs.iter().any(|(_, said)| said == name) {
                let used = used.get_or_insert_with(|| fitting(request));
                pairs.push((fit_anew(name, pattern, used), name.to_owned()));
            }
        };
        each_name(request, &mut see);
        Self { pairs }
    }

    /// Whether every name is written as it is.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// What to write for the caller's name.
    pub(crate) fn wire<'n>(&'n self, name: &'n str) -> &'n str {
        self.pairs.iter().find(|(_, said)| said == name).map_or(name, |(wire, _)| wire)
    }

    /// The caller's name for what the provider said, if it is another.
    pub fn original(&self, wire: &str) -> Option<&str> {
        self.pairs.iter().find(|(known, _)| known == wire).map(|(_, said)| said.as_str())
    }

    /// Gives the tool calls of a reply their names back.
    pub fn restore_reply(&self, reply: &mut Reply) {
        if !self.is_empty() {
            reply.parts.iter_mut().for_each(|part| self.restore(&mut part.kind));
        }
    }

    /// Gives the tool call that an event opens its name back.
    pub fn restore_event(&self, event: &mut Event) {
        if let Event::Open { kind, .. } = event {
            self.restore(kind);
        }
    }

    fn restore(&self, kind: &mut PartKind) {
        if let PartKind::ToolCall { name, .. } = kind
            && let Some(said) = self.original(name)
        {
            *name = said.to_owned();
        }
    }
}

fn fitting(request: &Request) -> HashSet<String> {
    let mut names = HashSet::new();
    each_name(request, &mut |name| {
        names.insert(name.to_owned());
    });
    names
}

fn each_name(request: &Request, see: &mut impl FnMut(&str)) {
    request.tools.iter().for_each(|tool| see(tool.name()));
    match &request.tool_choice {
        Some(ToolChoice::Named(name)) => see(name),
        Some(ToolChoice::Among { names, .. }) => names.iter().for_each(|name| see(name)),
        Some(ToolChoice::Auto | ToolChoice::Required | ToolChoice::None) | None => {}
    }
    let parts = request.messages.iter().flat_map(|message| &message.parts);
    parts.for_each(|part: &Part| {
        if let PartKind::ToolCall { name, .. } = &part.kind {
            see(name);
        }
    });
}

//! `additionalModelRequestFields`: what Converse has no field for and the model takes in its maker's words.
//!
//! Claude's words are read from any caller; those of Nova and of OpenAI's open models only where the model's id says that it is one.

use claw_hub::{Dialect, Effort, Extra, Json, Losses, Refusal, Request, Thinking, ThinkingMode, ToolChoice};

use super::super::wire::{BETAS, Family};
use super::decode::keep;
use crate::json::{self, Node, Object, ObjectWriter, Path, Value};
use crate::reasoning::{Plan, Switch};
use crate::schema::fields_of;
use crate::words::{Word, word};

const OWN: Dialect = Dialect::BedrockConverse;
const NAME: &str = "additionalModelRequestFields";

/// Takes out what the hub has words for.
pub(super) fn read(
    node: Node<'_>,
    request: &mut Request,
    left: &mut Vec<(String, Json)>,
) -> Result<(), Refusal> {
    let raw = node.raw;
    let path = Path::Root.field(NAME);
    if !matches!(node.value, Value::Object(_)) {
        left.push((NAME.to_owned(), Json::verbatim(raw)));
        return Ok(());
    }
    let mut o = Object::open(node, path)?;
    let mut odd = Vec::new();
    for name in ["thinking", "reasoning_config"] {
        if let Some(node) = o.take(name)
            && !read_thinking(&node, request)
        {
            odd.push((name.to_owned(), Json::verbatim(node.raw)));
        }
    }
    if let Some(node) = o.take("output_config") {
        let is_plain = matches!(&node.value, Value::Object(fields) if fields.len() == 1);
        let effort = node.get("effort").filter(|_| is_plain);
        if !effort.is_some_and(|effort| read_effort(effort, request)) {
            odd.push(("output_config".to_owned(), Json::verbatim(node.raw)));
        }
    }
    if let Some(node) = o.take("tool_choice")
        && !read_parallel(&node, request)
    {
        odd.push(("tool_choice".to_owned(), Json::verbatim(node.raw)));
    }
    request.sampling.top_k = o.count("top_k")?;
    let family = Family::of(&request.model);
    if family == Family::GptOss
        && let Some(node) = o.take("reasoning_effort")
        && !read_effort(&node, request)
    {
        odd.push(("reasoning_effort".to_owned(), Json::verbatim(node.raw)));
    }
    if family == Family::Nova
        && let Some(node) = o.take("inferenceConfig")
        && !read_top_k(&node, request)
    {
        odd.push(("inferenceConfig".to_owned(), Json::verbatim(node.raw)));
    }
    odd.extend(o.rest().0);
    keep(NAME, &Extra(odd), left);
    Ok(())
}

fn said(request: &mut Request) -> &mut Thinking {
    request.thinking.get_or_insert(Thinking {
        mode: ThinkingMode::Unsaid,
        budget_tokens: None,
        effort: None,
        display: None,
    })
}

fn read_thinking(node: &Node<'_>, request: &mut Request) -> bool {
    let Value::Object(fields) = &node.value else { return false };
    if fields.iter().any(|(key, _)| !["type", "budget_tokens", "display"].contains(&key.as_ref())) {
        return false;
    }
    let mode = match node.get("type").and_then(Node::as_str) {
        Some("enabled") => ThinkingMode::Enabled,
        Some("adaptive") => ThinkingMode::Adaptive,
        Some("disabled") => ThinkingMode::Disabled,
        _ => return false,
    };
    if request.thinking.as_ref().is_some_and(|thinking| thinking.mode != ThinkingMode::Unsaid) {
        return false;
    }
    let thinking = said(request);
    thinking.mode = mode;
    thinking.budget_tokens = node.get("budget_tokens").and_then(count);
    thinking.display = node.get("display").and_then(Node::as_str).map(str::to_owned);
    true
}

/// Whether it is a grade that the hub knows, and nobody said another one before.
pub(super) fn read_effort(node: &Node<'_>, request: &mut Request) -> bool {
    let Some(effort) = node.as_str().and_then(Effort::from_name) else { return false };
    let thinking = said(request);
    let is_first = thinking.effort.is_none();
    thinking.effort = thinking.effort.or(Some(effort));
    is_first
}

fn read_parallel(node: &Node<'_>, request: &mut Request) -> bool {
    let Value::Object(fields) = &node.value else { return false };
    let kind = match node.get("type") {
        None => None,
        Some(kind) if kind.as_str() == Some("auto") => Some(ToolChoice::Auto),
        Some(_) => return false,
    };
    let Some(Value::Bool(disabled)) = node.get("disable_parallel_tool_use").map(|node| &node.value) else {
        return false;
    };
    if fields.len() != 1 + usize::from(kind.is_some())
        || (kind.is_some() && !matches!(request.tool_choice, None | Some(ToolChoice::Auto)))
    {
        return false;
    }
    request.parallel_tools = Some(!disabled);
    request.tool_choice = request.tool_choice.take().or(kind);
    true
}

fn read_top_k(node: &Node<'_>, request: &mut Request) -> bool {
    let is_plain = matches!(&node.value, Value::Object(fields) if fields.len() == 1);
    match node.get("topK").and_then(count) {
        Some(top_k) if is_plain => {
            request.sampling.top_k = Some(top_k);
            true
        }
        _ => false,
    }
}

fn count(node: &Node<'_>) -> Option<u64> {
    match node.value {
        Value::Number(text) => text.parse().ok(),
        _ => None,
    }
}

/// What goes into the object.
pub(super) struct Fields<'r> {
    pub(super) request: &'r Request,
    pub(super) family: Family,
    /// How to think, for Claude.
    pub(super) plan: &'r Plan,
    /// Whether tools are offered, and whether `toolConfig.toolChoice` is written.
    pub(super) tools: (bool, bool),
}

impl Fields<'_> {
    /// Whether the target reads Claude's words: by its id, or because the caller who speaks this dialect uses them for an ARN.
    pub(super) fn is_claude(request: &Request, family: Family) -> bool {
        family == Family::Claude || (family == Family::Unsaid && request.origin == OWN)
    }

    /// Writes the object, if anything goes into it.
    pub(super) fn write(&self, o: &mut ObjectWriter<'_>, losses: &mut Losses) {
        let mut object = Vec::new();
        json::object(&mut object, |o| self.fill(o, losses));
        if object != b"{}"
            && let Ok(text) = std::str::from_utf8(&object)
        {
            o.raw(NAME, text);
        }
    }

    fn fill(&self, o: &mut ObjectWriter<'_>, losses: &mut Losses) {
        let request = self.request;
        match self.family {
            _ if Self::is_claude(request, self.family) => self.claude(o, losses),
            Family::Nova => {
                self.note_parallel(losses);
                if let Some(top_k) = request.sampling.top_k {
                    o.object("inferenceConfig", |o| o.count("topK", top_k));
                }
            }
            Family::GptOss => {
                self.note_parallel(losses);
                self.note_top_k(losses);
                o.maybe_string("reasoning_effort", open_effort(request).map(Effort::name));
            }
            Family::Claude | Family::Other | Family::Unsaid => {
                self.note_parallel(losses);
                self.note_top_k(losses);
            }
        }
        self.note_thinking(losses);
        if request.origin == OWN {
            let left = request.extra.0.iter().find(|(key, _)| key == NAME);
            for (key, json) in left.map(|(_, json)| fields_of(json.as_str())).unwrap_or_default() {
                o.raw(&key, json);
            }
        }
    }

    fn claude(&self, o: &mut ObjectWriter<'_>, losses: &mut Losses) {
        let request = self.request;
        if let Some(switch) = self.plan.switch {
            o.object("thinking", |o| {
                match switch {
                    Switch::Disabled => o.string("type", "disabled"),
                    Switch::Adaptive => o.string("type", "adaptive"),
                    Switch::Enabled(budget) => {
                        o.string("type", "enabled");
                        o.count("budget_tokens", budget);
                    }
                }
                o.maybe_string("display", self.plan.display.as_deref());
            });
        }
        if let Some(effort) = self.plan.effort {
            o.object("output_config", |o| o.string("effort", effort.name()));
        }
        match request.sampling.top_k {
            Some(_) if self.plan.thinks() => self.note_top_k(losses),
            top_k => o.maybe_count("top_k", top_k),
        }
        let (has_tools, has_choice) = self.tools;
        // Converse writes its own choice into the same object and refuses a second `type`; without one, `type` is required.
        let parallel =
            request.parallel_tools.filter(|parallel| has_tools && (request.origin == OWN || !parallel));
        if let Some(parallel) = parallel {
            o.object("tool_choice", |o| {
                if !has_choice {
                    o.string("type", "auto");
                }
                o.boolean("disable_parallel_tool_use", !parallel);
            });
        }
        self.betas(o, losses);
    }

    /// Flags of Anthropic's header that Bedrock knows.
    fn betas(&self, o: &mut ObjectWriter<'_>, losses: &mut Losses) {
        let request = self.request;
        if request.origin != Dialect::AnthropicMessages {
            return;
        }
        let headers = request.headers.iter().filter(|(name, _)| name == "anthropic-beta");
        let flags =
            headers.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|flag| !flag.is_empty());
        let (known, unknown): (Vec<&str>, Vec<&str>) = flags.partition(|flag| BETAS.contains(flag));
        for flag in unknown {
            losses.dropped(format!("anthropic-beta: {flag}"));
        }
        if !known.is_empty() {
            o.array("anthropic_beta", |a| known.iter().for_each(|flag| a.string(flag)));
        }
    }

    fn note_parallel(&self, losses: &mut Losses) {
        if self.request.parallel_tools == Some(false) && self.tools.0 {
            losses.dropped(word(self.request.origin, Word::ParallelTools));
        }
    }

    fn note_top_k(&self, losses: &mut Losses) {
        if self.request.sampling.top_k.is_some() {
            losses.dropped(word(self.request.origin, Word::TopK));
        }
    }

    /// Who else than Claude is asked to think in words that Converse has.
    fn note_thinking(&self, losses: &mut Losses) {
        let request = self.request;
        let Some(thinking) = &request.thinking else { return };
        if Self::is_claude(request, self.family) || self.family == Family::GptOss {
            return;
        }
        let is_grade_alone = thinking.mode == ThinkingMode::Unsaid && request.origin == OWN;
        if !is_grade_alone && thinking.mode != ThinkingMode::Disabled && thinking.effort != Some(Effort::None)
        {
            losses.dropped(word(request.origin, Word::Thinking));
        }
    }
}

/// The three grades that OpenAI's open models know.
fn open_effort(request: &Request) -> Option<Effort> {
    let thinking = request.thinking.as_ref()?;
    let graded = thinking.effort.or_else(|| thinking.budget_tokens.map(crate::reasoning::effort_of))?;
    match graded {
        Effort::None => None,
        Effort::Minimal | Effort::Low => Some(Effort::Low),
        Effort::Medium => Some(Effort::Medium),
        Effort::High | Effort::Xhigh | Effort::Max => Some(Effort::High),
    }
}

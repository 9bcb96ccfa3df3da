//! How a Claude model is asked to think: budgets, efforts, and what both exclude. Anthropic Messages and Bedrock Converse
//! write the outcome in the same words, which are not known here.
//!
//! Where one side counts and the other grades, this table stands between them (tokens are the least budget of the grade):
//! minimal 1,024; low 4,096; medium 8,192; high 16,384; xhigh 32,768; max 65,536.

use claw_hub::{
    Dialect, Effort, Losses, ModelFacts, Part, PartKind, Request, Role, Thinking, ThinkingMode,
    ThinkingStyle, ToolChoice,
};

use crate::words::{Word, word};

/// The least budget that is accepted. <https://docs.claude.com/en/docs/build-with-claude/extended-thinking>
const BUDGET_MIN_TOKENS: u64 = 1024;

/// What to ask of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Plan {
    /// The switch, if it is to be said.
    pub(crate) switch: Option<Switch>,
    /// The effort, if it is to be said.
    pub(crate) effort: Option<Effort>,
    /// What to show of the thinking.
    pub(crate) display: Option<String>,
}

/// The switch as Claude's API has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Switch {
    /// Off, said aloud.
    Disabled,
    /// On, with this budget of tokens.
    Enabled(u64),
    /// The model decides.
    Adaptive,
}

impl Plan {
    /// Whether the model will think, so that sampling is refused.
    pub(crate) fn thinks(&self) -> bool {
        matches!(self.switch, Some(Switch::Enabled(_) | Switch::Adaptive))
    }
}

/// The budget of a grade, in tokens; `None` for no thinking at all.
pub(crate) fn budget_of(effort: Effort) -> Option<u64> {
    match effort {
        Effort::None => None,
        Effort::Minimal => Some(BUDGET_MIN_TOKENS),
        Effort::Low => Some(4096),
        Effort::Medium => Some(8192),
        Effort::High => Some(16_384),
        Effort::Xhigh => Some(32_768),
        Effort::Max => Some(65_536),
    }
}

/// The highest grade whose budget is not over this one.
pub(crate) fn effort_of(budget_tokens: u64) -> Effort {
    let grades = Effort::ALL.into_iter().rev();
    grades
        .filter(|effort| *effort >= Effort::Low)
        .find(|effort| budget_of(*effort).is_some_and(|least| least <= budget_tokens))
        .unwrap_or(Effort::Low)
}

/// Decides how to ask. `max_tokens` is the limit of the whole reply, where one is known: a budget must stay below it.
pub(crate) fn plan(
    request: &Request,
    facts: &ModelFacts,
    max_tokens: Option<u64>,
    losses: &mut Losses,
) -> Plan {
    let Some(thinking) = &request.thinking else { return Plan::default() };
    // Callers who speak Claude's own words mean them; those of others are translated.
    let is_own = matches!(request.origin, Dialect::AnthropicMessages | Dialect::BedrockConverse);
    if facts.thinking == ThinkingStyle::None {
        if wants(thinking) {
            losses.dropped(word(request.origin, Word::Thinking));
        }
        return Plan::default();
    }
    let is_shut = (!is_own && forces_a_tool(request))
        || (facts.thinking == ThinkingStyle::Budget && continues_without_thinking(request));
    if wants(thinking) && is_shut {
        losses.dropped(word(request.origin, Word::Thinking));
        return Plan::default();
    }
    let mut plan = match facts.thinking {
        ThinkingStyle::Adaptive => adaptive(thinking, is_own, request.origin, losses),
        ThinkingStyle::Budget | ThinkingStyle::None => budgeted(thinking, is_own),
    };
    fit_budget(&mut plan, max_tokens, request.origin, losses);
    plan.display = thinking.display.clone().filter(|_| plan.thinks());
    plan
}

fn wants(thinking: &Thinking) -> bool {
    match thinking.mode {
        ThinkingMode::Enabled | ThinkingMode::Adaptive => true,
        ThinkingMode::Disabled => false,
        ThinkingMode::Unsaid => thinking.effort.is_some_and(|effort| effort != Effort::None),
    }
}

/// Thinking and a forced tool exclude each other.
fn forces_a_tool(request: &Request) -> bool {
    match &request.tool_choice {
        Some(ToolChoice::Required | ToolChoice::Named(_) | ToolChoice::Among { required: true, .. }) => {
            !request.tools.is_empty()
        }
        Some(ToolChoice::Auto | ToolChoice::None | ToolChoice::Among { required: false, .. }) | None => false,
    }
}

/// With a budget, a turn that goes on after its tool results must have begun with thinking that is signed; clients of other dialects do not send
/// it back. <https://docs.claude.com/en/docs/build-with-claude/extended-thinking#preserving-thinking-blocks>
fn continues_without_thinking(request: &Request) -> bool {
    let is_result = |part: &Part| matches!(part.kind, PartKind::ToolResult { .. });
    let is_signed = |part: &Part| match &part.kind {
        PartKind::Thinking(thought) => {
            thought.redacted.is_some() || thought.signature.as_deref().is_some_and(|text| !text.is_empty())
        }
        _ => false,
    };
    if !request.messages.last().is_some_and(|message| message.parts.iter().any(is_result)) {
        return false;
    }
    let mut turn = request.messages.iter().rev().skip_while(|message| message.role != Role::Assistant);
    let turn = turn.by_ref().take_while(|message| message.role == Role::Assistant);
    !turn.flat_map(|message| &message.parts).any(is_signed)
}

fn budgeted(thinking: &Thinking, is_own: bool) -> Plan {
    let said = |switch| Plan { switch, effort: None, display: None };
    let graded = thinking.effort.and_then(budget_of);
    match thinking.mode {
        ThinkingMode::Disabled => {
            Plan { effort: thinking.effort.filter(|_| is_own), ..said(is_own.then_some(Switch::Disabled)) }
        }
        ThinkingMode::Enabled => {
            let budget = thinking.budget_tokens.or(graded).or(budget_of(Effort::Medium));
            Plan { effort: thinking.effort.filter(|_| is_own), ..said(budget.map(Switch::Enabled)) }
        }
        ThinkingMode::Adaptive => {
            said(thinking.budget_tokens.or(graded).or(budget_of(Effort::High)).map(Switch::Enabled))
        }
        ThinkingMode::Unsaid if is_own => Plan { effort: thinking.effort, ..Plan::default() },
        ThinkingMode::Unsaid => said(graded.map(Switch::Enabled)),
    }
}

fn adaptive(thinking: &Thinking, is_own: bool, origin: Dialect, losses: &mut Losses) -> Plan {
    let effort = match (thinking.effort, thinking.budget_tokens) {
        (None, Some(budget)) => {
            losses.changed(word(origin, Word::ThinkingBudget), "said as an effort");
            Some(effort_of(budget))
        }
        (Some(Effort::Minimal), _) => {
            losses.changed(word(origin, Word::Effort), "raised to low");
            Some(Effort::Low)
        }
        (effort, _) => effort.filter(|effort| *effort != Effort::None),
    };
    let is_off = thinking.mode == ThinkingMode::Disabled || thinking.effort == Some(Effort::None);
    let switch = match thinking.mode {
        _ if is_off => Some(Switch::Disabled),
        ThinkingMode::Unsaid if is_own => None,
        _ => Some(Switch::Adaptive),
    };
    Plan { switch, effort: effort.filter(|_| is_own || !is_off), display: None }
}

fn fit_budget(plan: &mut Plan, max_tokens: Option<u64>, origin: Dialect, losses: &mut Losses) {
    let Some(Switch::Enabled(asked)) = plan.switch else { return };
    let budget = asked.max(BUDGET_MIN_TOKENS);
    if budget != asked {
        losses.changed(word(origin, Word::ThinkingBudget), "raised to 1024");
    }
    plan.switch = Some(Switch::Enabled(budget));
    let Some(max_tokens) = max_tokens.filter(|max| budget >= *max) else { return };
    // A quarter of the limit is left for the answer itself.
    let lowered = max_tokens - max_tokens / 4;
    if lowered >= BUDGET_MIN_TOKENS && lowered < max_tokens {
        plan.switch = Some(Switch::Enabled(lowered));
        losses.changed(word(origin, Word::ThinkingBudget), "lowered to fit the limit of tokens");
    } else {
        plan.switch = None;
        losses.dropped(word(origin, Word::Thinking));
    }
}

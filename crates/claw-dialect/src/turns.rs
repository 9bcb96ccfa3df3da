//! Messages to turns, for dialects that are strict about who speaks when: Anthropic Messages and Bedrock Converse.
//!
//! Both want all results of a turn's tool calls together, at the beginning of the user's turn that follows; Bedrock wants
//! strict alternation besides. Nothing is written here, and no wire name is known.

use std::borrow::Cow;
use std::fmt;

use claw_hub::{Dialect, Extra, Json, Losses, Message, Part, PartKind, Refusal, Request, Role};

/// What opens a conversation that the caller began with the assistant; both providers want the user first.
const OPENING: &str = "(begin)";
/// OpenAI has two names for the role of the system, and keeps which one it was beside the part. Elsewhere they are one.
pub(crate) const ROLE: &str = "role";

/// Where a part stood in the caller's request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    message: usize,
    part: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "messages[{}].content[{}]", self.message, self.part)
    }
}

/// A part on its way into a turn.
#[derive(Clone, Debug)]
pub(crate) struct Piece<'r> {
    /// The part.
    pub(crate) part: Cow<'r, Part>,
    /// Where it stood.
    pub(crate) place: Place,
}

/// What one side says before the other speaks.
#[derive(Debug)]
pub(crate) struct Turn<'r> {
    /// Who speaks.
    pub(crate) role: Role,
    /// What is said; never empty.
    pub(crate) pieces: Vec<Piece<'r>>,
    /// Fields of the messages that only the dialect of origin knows; empty for any other target.
    pub(crate) extra: Vec<&'r (String, Json)>,
    reshaped: bool,
}

/// How the target wants its turns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// The target's dialect: fields of the same origin are kept.
    pub(crate) dialect: Dialect,
    /// Whether consecutive messages of one role become one turn even where the caller speaks this dialect.
    pub(crate) alternates: bool,
    /// Whether a system message in mid-conversation may be sent.
    pub(crate) mid_system: bool,
    /// Whether the assistant's words must come before its tool calls.
    pub(crate) text_before_calls: bool,
}

/// Puts the messages in turns. `keep` says whether a part can be said at all; it notes the loss if not.
///
/// # Errors
/// Those of `keep`.
pub(crate) fn turns<'r>(
    request: &'r Request,
    rules: Rules,
    losses: &mut Losses,
    mut keep: impl FnMut(&Part, Role, Place, &mut Losses) -> Result<bool, Refusal>,
) -> Result<Vec<Turn<'r>>, Refusal> {
    let is_same = request.origin == rules.dialect;
    let merges = rules.alternates || !is_same;
    let mut turns: Vec<Turn<'r>> = Vec::with_capacity(request.messages.len());
    for (n, message) in request.messages.iter().enumerate() {
        note_message(message, n, is_same, losses);
        let folds = message.role == Role::System && !may_stay(rules, is_same, &turns);
        let mut pieces = Vec::with_capacity(message.parts.len());
        for (part, each) in message.parts.iter().enumerate() {
            let place = Place { message: n, part };
            if keep(each, message.role, place, losses)? {
                pieces.push(Piece { part: if folds { folded(each) } else { Cow::Borrowed(each) }, place });
            } else if each.cache.is_some() {
                losses.dropped(format!("{place}.cache_control"));
            }
        }
        if pieces.is_empty() {
            continue;
        }
        if folds {
            losses.changed(format!("messages[{n}]"), "folded into the user's text");
        }
        let role = if folds { Role::User } else { message.role };
        let extra: &Extra = &message.extra;
        let extra = if is_same { extra.0.iter().collect() } else { Vec::new() };
        add(&mut turns, Turn { role, pieces, extra, reshaped: folds }, merges);
    }
    if !is_same {
        open_with_user(&mut turns, !request.system.is_empty(), losses);
    }
    for turn in turns.iter_mut().filter(|turn| merges || turn.reshaped) {
        order(turn, rules);
    }
    Ok(turns)
}

fn note_message(message: &Message, n: usize, is_same: bool, losses: &mut Losses) {
    if message.name.is_some() {
        losses.dropped(format!("messages[{n}].name"));
    }
    if !is_same {
        for (key, _) in message.extra.0.iter().filter(|(key, _)| key != ROLE) {
            losses.dropped(format!("messages[{n}].{key}"));
        }
    }
}

/// A system message may not stand first, nor between tool calls and their results.
fn may_stay(rules: Rules, is_same: bool, turns: &[Turn<'_>]) -> bool {
    let follows_calls = turns.last().is_some_and(|turn| {
        turn.role == Role::Assistant
            && turn.pieces.iter().any(|piece| matches!(piece.part.kind, PartKind::ToolCall { .. }))
    });
    rules.mid_system && (is_same || (!turns.is_empty() && !follows_calls))
}

/// The tags tell the model that these are not the user's words.
fn folded(part: &Part) -> Cow<'_, Part> {
    match &part.kind {
        PartKind::Text(text) => {
            let text = format!("<system>\n{text}\n</system>");
            Cow::Owned(Part { kind: PartKind::Text(text), ..part.clone() })
        }
        _ => Cow::Borrowed(part),
    }
}

fn add<'r>(turns: &mut Vec<Turn<'r>>, turn: Turn<'r>, merges: bool) {
    match turns.last_mut() {
        Some(last) if last.role == turn.role && (merges || last.reshaped || turn.reshaped) => {
            last.reshaped = true;
            last.pieces.extend(turn.pieces);
            let known = last.extra.len();
            for field in turn.extra {
                if !last.extra[..known].iter().any(|(key, _)| *key == field.0) {
                    last.extra.push(field);
                }
            }
        }
        _ => turns.push(turn),
    }
}

/// OpenAI takes a conversation that the assistant begins, and one that has only a system prompt.
fn open_with_user(turns: &mut Vec<Turn<'_>>, has_system: bool, losses: &mut Losses) {
    if turns.first().map_or(has_system, |turn| turn.role == Role::Assistant) {
        let part = Cow::Owned(Part::text(OPENING));
        let pieces = vec![Piece { part, place: Place { message: 0, part: 0 } }];
        turns.insert(0, Turn { role: Role::User, pieces, extra: Vec::new(), reshaped: false });
        losses.changed("messages[0]", "preceded by a turn of the user");
    }
}

fn order(turn: &mut Turn<'_>, rules: Rules) {
    match turn.role {
        Role::User => {
            turn.pieces.sort_by_key(|piece| !matches!(piece.part.kind, PartKind::ToolResult { .. }));
        }
        Role::Assistant if rules.text_before_calls => texts_first(&mut turn.pieces),
        Role::Assistant | Role::System => {}
    }
}

/// Moves the words that follow a tool call to before the first one. Thinking stays where it is: its place is signed.
fn texts_first(pieces: &mut Vec<Piece<'_>>) {
    let Some(first) = pieces.iter().position(|piece| matches!(piece.part.kind, PartKind::ToolCall { .. }))
    else {
        return;
    };
    let late = pieces.split_off(first);
    let (texts, rest): (Vec<_>, Vec<_>) = late
        .into_iter()
        .partition(|piece| matches!(piece.part.kind, PartKind::Text(_) | PartKind::Refusal(_)));
    pieces.extend(texts);
    pieces.extend(rest);
}

//! A blocked pattern is found wherever it stands.

use std::sync::Arc;

use claw_hub::{Caller, Credential, Dialect, Message, Part, PartKind, Request, Role, Tool};

use super::*;

struct Mine;

fn verdict(request: Request) -> Option<Kind> {
    let caller = Caller {
        user: "u".into(),
        tenant: "t".into(),
        groups: vec![],
        scopes: vec![],
        credential: Credential::ApiKey,
        credential_id: "k".into(),
    };
    let guard = Guard::<Mine>::new(&["AKIA[0-9A-Z]{16}".into()]).unwrap();
    let asked = Asked { caller: Arc::new(caller), request, candidates: vec![] };
    guard.inspect(Proof::seal(&Mine, asked)).err().map(|refusal| refusal.kind)
}

const PLANTED: &str = "key AKIAABCDEFGHIJKLMNOP here";

fn request() -> Request {
    Request::new(Dialect::OpenaiChat, "m")
}

#[test]
fn a_clean_prompt_passes() {
    let mut clean = request();
    clean.messages.push(Message::new(Role::User, vec![Part::text("hello")]));
    assert_eq!(verdict(clean), None);
}

#[test]
fn a_pattern_is_found_in_every_place() {
    let mut system = request();
    system.system.push(Part::text(PLANTED));
    let mut user = request();
    user.messages.push(Message::new(Role::User, vec![Part::text(PLANTED)]));
    let mut result = request();
    let content = vec![Part::text(PLANTED)];
    let kind = PartKind::ToolResult { id: "1".into(), name: None, content, is_error: false };
    result.messages.push(Message::new(Role::User, vec![kind.into()]));
    let mut tool = request();
    tool.tools.push(Tool::Function {
        name: "n".into(),
        description: Some(PLANTED.into()),
        schema: None,
        strict: None,
        cache: None,
        extra: Default::default(),
    });
    for (place, planted) in [("system", system), ("user", user), ("tool result", result), ("tool", tool)] {
        assert_eq!(verdict(planted), Some(Kind::Forbidden), "{place}");
    }
}

#[test]
fn escapes_in_an_unknown_field_hide_nothing() {
    let mut hidden = request();
    let json = r#"{"note":["\u0041KIAABCDEFGHIJKLMNOP"]}"#;
    hidden.extra.0.push(("vendor".into(), Json::verbatim(json)));
    assert_eq!(verdict(hidden), Some(Kind::Forbidden));
}

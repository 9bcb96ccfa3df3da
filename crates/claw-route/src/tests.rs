//! Every way to name a model.

use claw_hub::Credential;

use super::*;

struct Mine;

fn route() -> Route<Mine, Mine> {
    let provider = |name: &str, models: &[&str]| ProviderSettings {
        name: name.into(),
        dialect: Dialect::OpenaiChat,
        models: models.iter().map(|model| (*model).to_owned()).collect(),
    };
    let fast = AliasSettings {
        name: "fast".into(),
        targets: vec![("a".into(), "x".into()), ("b".into(), "y".into())],
        default: true,
    };
    Route::new(
        vec![provider("a", &["x", "gpt-*"]), provider("b", &["*"])],
        vec![fast],
        Box::new(|_| Arc::default()),
    )
}

fn resolved(model: &str, pin: Option<&str>) -> Result<Vec<String>, Kind> {
    let caller = Caller {
        user: "u".into(),
        tenant: "t".into(),
        groups: vec![],
        scopes: vec![],
        credential: Credential::ApiKey,
        credential_id: "k".into(),
    };
    let request = Request::new(Dialect::OpenaiChat, model);
    let asked = route()
        .resolve(Proof::seal(&Mine, Arc::new(caller)), request, pin)
        .map_err(|refusal| refusal.kind)?;
    Ok(asked.get().candidates.iter().map(|target| format!("{}/{}", target.provider, target.model)).collect())
}

#[test]
fn a_name_is_an_alias_a_path_or_auto() {
    assert_eq!(resolved("fast", None).unwrap(), ["a/x", "b/y"]);
    assert_eq!(resolved("auto", None).unwrap(), ["a/x", "b/y"]);
    assert_eq!(resolved("b/org/model:7b", None).unwrap(), ["b/org/model:7b"]);
    assert_eq!(resolved("a/gpt-5", None).unwrap(), ["a/gpt-5"]);
}

#[test]
fn a_pinned_name_is_the_providers_own() {
    assert_eq!(resolved("fast", Some("b")).unwrap(), ["b/fast"]);
    assert_eq!(resolved("fast", Some("a")).unwrap_err(), Kind::NoSuchModel);
}

#[test]
fn what_is_not_known_is_refused() {
    for model in ["", "gpt-5", "c/x", "a/", "a/secret", "/", &"x".repeat(5_000)] {
        assert_eq!(resolved(model, None).unwrap_err(), Kind::NoSuchModel, "{model:.20}");
    }
}

#[test]
fn a_plan_tries_every_permitted_target_in_order() {
    let target = route().target("b", "m").unwrap();
    let permitted = Permitted::new(Request::new(Dialect::OpenaiChat, "m"), vec![target.clone(), target]);
    assert_eq!(route().plan(&Proof::seal(&Mine, permitted)), [0, 1]);
}

#[test]
fn a_list_names_no_patterns() {
    let names: Vec<String> = route().listed(None).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["a/x", "fast"]);
    assert_eq!(route().listed(Some("a")).len(), 1);
}

//! `[models.NAME]`: names of our own for models, and what `auto` means.

use std::collections::BTreeMap;
use std::fmt;

use crate::name::{ModelName, ProviderName};
use crate::nearest::nearest;
use crate::problem::Fault;
use crate::providers::Providers;
use crate::reader::{Item, Reader};

pub(crate) const KEYS: &[&str] = &["targets", "default"];

/// A request may be tried at this many places.
const MOST_TARGETS: usize = 32;

/// The checked `[models]`.
#[derive(Debug)]
pub struct Models {
    /// Each name with what it stands for.
    pub named: BTreeMap<ModelName, Model>,
    /// What a client that asks for `auto` gets when nobody prefers anything; `None`: such a request is refused.
    pub auto: Option<ModelName>,
}

/// What a name stands for.
#[derive(Debug)]
pub struct Model {
    /// Where a request may go, the preferred place first; never empty.
    pub targets: Vec<Target>,
}

/// One model at one provider. Its `Display` is `provider/model`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// A provider of this configuration.
    pub provider: ProviderName,
    /// The model as the provider calls it.
    pub model: String,
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

pub(crate) fn read(root: &Reader<'_>, providers: &Providers<'_>) -> Models {
    let mut models = Models { named: BTreeMap::new(), auto: None };
    for (name, reader) in root.named("models", KEYS) {
        let targets = read_targets(&reader, providers);
        let default = reader.flag("default", false);
        let name = match ModelName::parse(name) {
            Ok(name) => name,
            Err(fault) => {
                reader.place().problem(None, fault);
                continue;
            }
        };
        if default && let Some(first) = models.auto.replace(name.clone()) {
            let fault = Fault::new(format!("is true for `{first}` too: `auto` means one model"));
            reader.refuse("default", fault);
        }
        models.named.insert(name, Model { targets });
    }
    models
}

fn read_targets(reader: &Reader<'_>, providers: &Providers<'_>) -> Vec<Target> {
    reader.require("targets");
    let Some(items) = reader.item("targets").and_then(|item| item.items()) else { return Vec::new() };
    if items.is_empty() || items.len() > MOST_TARGETS {
        reader.refuse("targets", Fault::new(format!("must have from 1 to {MOST_TARGETS} entries")));
    }
    let mut targets = Vec::new();
    for item in items {
        let Some(target) = item.parsed(|text| parse_target(text, providers)) else { continue };
        if targets.contains(&target) {
            item.refuse(Fault::new("is listed twice"));
            continue;
        }
        suspect_unlisted(&item, &target, providers);
        targets.push(target);
    }
    targets
}

fn parse_target(text: &str, providers: &Providers<'_>) -> Result<Target, Fault> {
    let Some((provider, model)) = text.split_once('/').filter(|(_, model)| !model.is_empty()) else {
        return Err(Fault::new("is not provider/model").hint("write it as \"openai/gpt-5\""));
    };
    if !providers.names.contains(&provider) {
        let fault = Fault::new("names a provider that is not configured");
        return Err(match nearest(provider, providers.names.iter().copied()) {
            Some(meant) => fault.hint(format!("did you mean \"{meant}/...\"?")),
            None if providers.names.is_empty() => fault.hint("add a table [providers.NAME]"),
            None => fault.hint(format!("the providers are {}", providers.names.join(", "))),
        });
    }
    // A name that is declared and malformed must be changed here too.
    let provider = ProviderName::parse(provider)?;
    Ok(Target { provider, model: crate::name::label(model)? })
}

/// A target need not be advertised, but it is more often a slip than a wish.
fn suspect_unlisted(item: &Item<'_>, target: &Target, providers: &Providers<'_>) {
    let offering = providers.checked.get(&target.provider);
    let Some(provider) = offering.filter(|provider| !provider.models.offers(&target.model)) else { return };
    let fault = Fault::new(format!("is not among the models of `{}`", provider.name));
    item.suspect(match nearest(&target.model, provider.models.listed.iter().map(String::as_str)) {
        Some(meant) => fault.hint(format!("did you mean \"{}/{meant}\"?", provider.name)),
        None => fault,
    });
}

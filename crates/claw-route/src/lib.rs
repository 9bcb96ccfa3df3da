//! Names become candidate targets, permitted targets become a plan: the first, then the others in order.
//! It knows no policy, no wire format and no prices.

use std::collections::HashMap;
use std::marker::PhantomData;
use std::sync::Arc;

use claw_hub::{Asked, Caller, Dialect, Kind, ModelFacts, Permitted, Proof, Refusal, Request, Target};
use quick_cache::sync::Cache;

/// The key that only this stage can make.
pub struct Key(());

/// So many targets of names that are not listed are remembered.
const TARGETS_MAX: usize = 4_096;
/// A longer name is refused, in bytes; Bedrock's ARNs reach 2,048.
const NAME_MAX_BYTES: usize = 2_048;

/// A provider as far as routing knows it.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// Its name.
    pub name: Arc<str>,
    /// The dialect that its models speak.
    pub dialect: Dialect,
    /// The models that may be named; `*` means any.
    pub models: Vec<String>,
}

/// A name that stands for one or several targets.
#[derive(Clone, Debug)]
pub struct AliasSettings {
    /// The name.
    pub name: String,
    /// Provider and model, in the order of preference.
    pub targets: Vec<(Arc<str>, String)>,
    /// Whether `auto` means this.
    pub default: bool,
}

/// Tells what is known of a model.
pub type Facts = Box<dyn Fn(&str) -> Arc<ModelFacts> + Send + Sync>;

/// The stage. `L` is the key of the stage that admitted, `P` is policy's.
pub struct Route<L, P> {
    providers: HashMap<Arc<str>, ProviderSettings>,
    aliases: HashMap<String, Vec<Target>>,
    default: Option<String>,
    facts: Facts,
    targets: Cache<(Arc<str>, String), Target>,
    after: PhantomData<fn() -> (L, P)>,
}

impl<L, P> Route<L, P> {
    /// Sets the stage up. The settings were checked: every alias names providers that exist.
    pub fn new(providers: Vec<ProviderSettings>, aliases: Vec<AliasSettings>, facts: Facts) -> Self {
        let default = aliases.iter().find(|alias| alias.default).map(|alias| alias.name.clone());
        let providers = providers.into_iter().map(|provider| (provider.name.clone(), provider)).collect();
        let mut route = Self {
            providers,
            aliases: HashMap::new(),
            default,
            facts,
            targets: Cache::new(TARGETS_MAX),
            after: PhantomData,
        };
        for alias in aliases {
            let targets =
                alias.targets.iter().filter_map(|(provider, model)| route.target(provider, model)).collect();
            route.aliases.insert(alias.name, targets);
        }
        route
    }

    /// Finds the candidates of a request. With `pin` the model is the provider's own name for it.
    ///
    /// # Errors
    /// `NoSuchModel`: nothing is known by that name.
    pub fn resolve(
        &self,
        caller: Proof<L, Arc<Caller>>,
        request: Request,
        pin: Option<&str>,
    ) -> Result<Proof<Key, Asked>, Refusal> {
        let candidates = match pin {
            Some(provider) => self.pinned(provider, &request.model)?,
            None => self.named(&request.model)?,
        };
        Ok(Proof::seal(&Key(()), Asked { caller: caller.into_inner(), request, candidates }))
    }

    /// The order in which the permitted targets are tried.
    pub fn plan(&self, permitted: &Proof<P, Permitted>) -> Vec<usize> {
        (0..permitted.get().targets().len()).collect()
    }

    /// Every name that can be listed, with its first target: the aliases, then each provider's listed models.
    pub fn listed(&self, pin: Option<&str>) -> Vec<(String, Target)> {
        let mut listed: Vec<(String, Target)> = Vec::new();
        if pin.is_none() {
            let first =
                |(name, targets): (&String, &Vec<Target>)| Some((name.clone(), targets.first()?.clone()));
            listed.extend(self.aliases.iter().filter_map(first));
        }
        for provider in
            self.providers.values().filter(|provider| pin.is_none_or(|pin| pin == &*provider.name))
        {
            for model in provider.models.iter().filter(|model| !model.ends_with('*')) {
                let name = if pin.is_some() { model.clone() } else { format!("{}/{model}", provider.name) };
                listed.extend(self.target(&provider.name, model).map(|target| (name, target)));
            }
        }
        listed.sort_by(|(left, _), (right, _)| left.cmp(right));
        listed
    }

    fn named(&self, name: &str) -> Result<Vec<Target>, Refusal> {
        if let Some(targets) = self.aliases.get(name) {
            return Ok(targets.clone());
        }
        if name == "auto" {
            let default = self.default.as_ref().and_then(|default| self.aliases.get(default));
            return default.cloned().ok_or_else(|| {
                no_model(
                    "`auto` has no default here: name a model, or set `default = true` in one of [models]",
                )
            });
        }
        if let Some((provider, model)) = name.split_once('/') {
            return self.pinned(provider, model);
        }
        Err(no_model(&format!(
            "there is no model `{}`: use a configured name or `provider/model`; /v1/models lists what you may use",
            shown(name)
        )))
    }

    fn pinned(&self, provider: &str, model: &str) -> Result<Vec<Target>, Refusal> {
        let target = self.target(provider, model).ok_or_else(|| {
            no_model(&format!(
                "there is no model `{}` at provider `{}`: /v1/models lists what you may use",
                shown(model),
                shown(provider)
            ))
        })?;
        Ok(vec![target])
    }

    fn target(&self, provider: &str, model: &str) -> Option<Target> {
        let provider = self.providers.get(provider)?;
        if model.is_empty()
            || model.len() > NAME_MAX_BYTES
            || !provider.models.iter().any(|known| matches(known, model))
        {
            return None;
        }
        let key = (provider.name.clone(), model.to_owned());
        if let Some(target) = self.targets.get(&key) {
            return Some(target);
        }
        let target = Target {
            provider: provider.name.clone(),
            model: model.into(),
            dialect: provider.dialect,
            facts: (self.facts)(model),
        };
        self.targets.insert(key, target.clone());
        Some(target)
    }
}

fn matches(pattern: &str, model: &str) -> bool {
    pattern.strip_suffix('*').map_or(pattern == model, |beginning| model.starts_with(beginning))
}

fn shown(name: &str) -> String {
    name.chars().take(100).collect()
}

fn no_model(message: &str) -> Refusal {
    Refusal::caller(Kind::NoSuchModel, message).at("model")
}

#[cfg(test)]
mod tests;

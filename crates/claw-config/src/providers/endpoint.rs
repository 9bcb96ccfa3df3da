//! Where a provider is: one address, or one for each region.

use std::fmt;

use claw_hub::Dialect;

use crate::problem::Fault;
use crate::reader::Reader;
use crate::url::{HttpUrl, Scheme};

/// What stands in `base_url` for the region.
const PLACEHOLDER: &str = "{region}";

/// An address of a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The region that the address is in; `None` for providers that have no regions.
    pub region: Option<Region>,
    /// What the paths of the provider's API are appended to.
    pub base_url: HttpUrl,
}

/// The name of an AWS region, as `us-east-1`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Region(String);

impl Region {
    fn parse(text: &str) -> Result<Self, Fault> {
        let parts: Vec<_> = text.split('-').collect();
        let words = |part: &&str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase());
        let well_formed = match parts.split_last() {
            Some((number, names)) => {
                names.len() >= 2
                    && names.iter().all(words)
                    && number.parse::<u8>().is_ok()
                    && text.len() <= 32
            }
            None => false,
        };
        if well_formed {
            return Ok(Self(text.to_owned()));
        }
        Err(Fault::new("is not the name of an AWS region").hint("write it as \"us-east-1\""))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The domain of AWS in this region's partition
    /// (<https://docs.aws.amazon.com/general/latest/gr/bedrock.html>).
    fn bedrock(&self) -> String {
        let china = if self.0.starts_with("cn-") { ".cn" } else { "" };
        format!("https://bedrock-runtime.{}.amazonaws.com{china}", self.0)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Addresses as far as they could be read.
pub(super) struct Raw {
    base_url: Option<String>,
    regions: Vec<Region>,
    allow_http: bool,
}

impl Raw {
    pub(super) fn read(reader: &Reader<'_>) -> Self {
        let allow_http = reader.flag("allow_http", false);
        // The address is judged here already, so that a provider whose dialect is broken shows this problem too.
        let address =
            |text: &str| parse(&text.replace(PLACEHOLDER, "region"), allow_http).map(|_| text.to_owned());
        Self {
            base_url: reader.parsed("base_url", address),
            regions: reader.list("regions", Region::parse).unwrap_or_default(),
            allow_http,
        }
    }

    pub(super) fn check(self, reader: &Reader<'_>, dialect: Dialect, signed: bool) -> Vec<Endpoint> {
        let regional = signed || dialect == Dialect::BedrockConverse;
        if !regional {
            reader.refuse_if_given("regions", "means nothing to a provider that is not on AWS");
        } else if self.regions.is_empty() && !has_broken_regions(reader) {
            let place = reader.place_of("regions");
            place.problem(
                None,
                Fault::new("must name at least one region").hint("write regions = [\"us-east-1\"]"),
            );
        }
        if signed && dialect != Dialect::BedrockConverse {
            reader.require("base_url");
        }
        let outcome =
            if regional { self.in_regions() } else { self.anywhere(dialect).map(|endpoint| vec![endpoint]) };
        match outcome {
            Ok(endpoints) => {
                suspect_version(reader, dialect, &endpoints);
                endpoints
            }
            Err(fault) => {
                reader.refuse("base_url", fault);
                Vec::new()
            }
        }
    }

    fn anywhere(&self, dialect: Dialect) -> Result<Endpoint, Fault> {
        let base_url = self.base_url.as_deref().unwrap_or(default_base_url(dialect));
        if base_url.contains(PLACEHOLDER) {
            return Err(Fault::new("has a place for a region, which only providers on AWS have"));
        }
        Ok(Endpoint { region: None, base_url: parse(base_url, self.allow_http)? })
    }

    fn in_regions(&self) -> Result<Vec<Endpoint>, Fault> {
        let fixed = self.base_url.as_ref().is_some_and(|base_url| !base_url.contains(PLACEHOLDER));
        if fixed && self.regions.len() > 1 {
            return Err(Fault::new("is one address for several regions")
                .hint("write {region} where the region stands, or keep one region"));
        }
        let endpoint = |region: &Region| {
            let base_url = match &self.base_url {
                Some(base_url) => base_url.replace(PLACEHOLDER, region.as_str()),
                None => region.bedrock(),
            };
            Ok(Endpoint { region: Some(region.clone()), base_url: parse(&base_url, self.allow_http)? })
        };
        self.regions.iter().map(endpoint).collect()
    }
}

fn parse(text: &str, allow_http: bool) -> Result<HttpUrl, Fault> {
    let url = HttpUrl::parse(text)?;
    if url.scheme() == Scheme::Http && !url.is_loopback() && !allow_http {
        return Err(Fault::new("would send prompts and keys in the clear")
            .hint("use https, or set allow_http = true if the network in between is yours"));
    }
    Ok(url)
}

/// The list of regions is there but nothing in it could be read, which has been reported.
fn has_broken_regions(reader: &Reader<'_>) -> bool {
    reader.item("regions").is_some_and(|item| !item.is_empty_list())
}

fn default_base_url(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::AnthropicMessages => "https://api.anthropic.com",
        Dialect::OllamaChat => "http://localhost:11434",
        // The other two never come here without an address: regions or the list of dialects see to it.
        Dialect::OpenaiChat | Dialect::BedrockConverse | Dialect::OpenclawChat => "https://api.openai.com",
    }
}

/// SDKs want the version in their base URL; here it is part of each operation's path.
fn suspect_version(reader: &Reader<'_>, dialect: Dialect, endpoints: &[Endpoint]) {
    let versioned = matches!(dialect, Dialect::OpenaiChat | Dialect::AnthropicMessages);
    if versioned
        && endpoints.iter().any(|endpoint| endpoint.base_url.path().ends_with("/v1"))
        && let Some(item) = reader.item("base_url")
    {
        let fault = Fault::new("ends with /v1, which is appended with the rest of the path");
        item.suspect(fault.hint("leave out the /v1, unless the provider really has it twice"));
    }
}

#[cfg(test)]
mod tests {
    use super::Region;

    #[test]
    fn regions_of_every_partition_are_read() {
        for good in ["us-east-1", "ap-southeast-4", "us-gov-west-1", "cn-north-1", "us-iso-east-1"] {
            assert_eq!(Region::parse(good).unwrap().as_str(), good);
        }
        for bad in
            ["", "us", "us-east", "us-east-1a", "US-EAST-1", "us-east-1.evil.example", "-east-1", "us--1"]
        {
            assert!(Region::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn bedrock_is_found_in_every_partition() {
        let url = |region| Region::parse(region).unwrap().bedrock();
        assert_eq!(url("us-east-1"), "https://bedrock-runtime.us-east-1.amazonaws.com");
        assert_eq!(url("cn-north-1"), "https://bedrock-runtime.cn-north-1.amazonaws.com.cn");
    }
}

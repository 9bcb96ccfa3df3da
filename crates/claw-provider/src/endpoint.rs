//! One address of a provider, with everything about it that does not change from call to call.

use std::sync::Arc;

use http::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::base_url::BaseUrl;
use crate::operations::{OPERATIONS, Operation};
use crate::settings;

/// What is not encoded in a path, so that it is written as AWS writes it in the signature.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An address of a provider.
#[derive(Debug)]
pub(crate) struct Endpoint {
    pub(crate) region: Option<Arc<str>>,
    base: BaseUrl,
    /// The address of each operation, in the order of [`OPERATIONS`]; `None` where it depends on the model.
    fixed: Vec<Option<Uri>>,
}

impl Endpoint {
    pub(crate) fn new(settings: settings::Endpoint) -> Result<Self, http::Error> {
        let fixed = |operation: &Operation| {
            let varies = operation.path.contains('{');
            if varies { Ok(None) } else { settings.base.join(operation.path).map(Some) }
        };
        let fixed = OPERATIONS.iter().map(fixed).collect::<Result<_, _>>()?;
        Ok(Self { region: settings.region, base: settings.base, fixed })
    }

    /// The address of the operation at a place of [`OPERATIONS`], for a model.
    pub(crate) fn uri(&self, (place, operation): (usize, &Operation), model: &str) -> Option<Uri> {
        if let Some(Some(uri)) = self.fixed.get(place) {
            return Some(uri.clone());
        }
        let model = utf8_percent_encode(model, ENCODED).to_string();
        self.base.join(&operation.path.replace("{model}", &model)).ok()
    }
}

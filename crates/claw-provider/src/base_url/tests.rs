//! Tests of addresses.

use super::*;

fn joined(base: &str, path: &str) -> String {
    BaseUrl::parse(base).unwrap().join(path).unwrap().to_string()
}

#[test]
fn a_path_is_appended_to_the_path_of_the_base() {
    let path = "/v1/chat/completions";
    assert_eq!(joined("https://api.openai.com", path), "https://api.openai.com/v1/chat/completions");
    assert_eq!(joined("https://api.openai.com/", path), "https://api.openai.com/v1/chat/completions");
    assert_eq!(
        joined("https://api.groq.com/openai/", path),
        "https://api.groq.com/openai/v1/chat/completions"
    );
    assert_eq!(joined("http://[::1]:11434", "/api/chat"), "http://[::1]:11434/api/chat");
}

#[test]
fn a_version_in_the_base_takes_the_place_of_the_documented_one() {
    let path = "/v1/chat/completions";
    assert_eq!(joined("https://api.openai.com/v1", path), "https://api.openai.com/v1/chat/completions");
    assert_eq!(
        joined("https://generativelanguage.googleapis.com/v1beta/openai/", path),
        "https://generativelanguage.googleapis.com/v1beta/openai/chat/completions"
    );
    assert_eq!(
        joined("https://host.example/api/paas/v4", path),
        "https://host.example/api/paas/v4/chat/completions"
    );
    assert_eq!(
        joined("https://host.example/vendor", path),
        "https://host.example/vendor/v1/chat/completions"
    );
    assert_eq!(
        joined("https://host.example/v1", "/model/m/converse"),
        "https://host.example/v1/model/m/converse"
    );
}

#[test]
fn what_is_not_an_address_is_refused() {
    for (text, error) in [
        ("", BaseUrlError::Malformed),
        ("api.openai.com", BaseUrlError::Malformed),
        ("ftp://host", BaseUrlError::Malformed),
        ("https://user:pw@host", BaseUrlError::Userinfo),
        ("https://host?x=1", BaseUrlError::Query),
        ("https://host/#top", BaseUrlError::Query),
    ] {
        assert_eq!(BaseUrl::parse(text), Err(error), "{text}");
    }
}

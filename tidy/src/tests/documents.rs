//! Plants links that lead nowhere, pages that nobody finds, and claims that do not hold.

use super::places;
use crate::{claims, links};

const NONE: [&str; 0] = [];

#[test]
fn a_link_that_leads_nowhere_is_found_and_code_is_no_link() {
    let page = "[a](b.md) [c](gone.md)\n[d](../README.md#the-title) [e](#here)\n`[f](gone.md)`\n```\n[g](gone.md)\n```\n\
                [h](https://example.com/gone.md)\n[i](b.md#gone)\n## Here\n";
    let files = [("docs/a.md", page), ("docs/b.md", "# B\n"), ("README.md", "# The title!\n")];
    assert_eq!(places(links::lead_somewhere, &files), ["docs/a.md:1", "docs/a.md:8"]);
}

#[test]
fn a_page_that_no_entrance_links_to_is_found() {
    let files = [
        ("README.md", "[a](docs/a.md)\n"),
        ("docs/README.md", "[b](deep/b.md#part)\n"),
        ("docs/a.md", "[c](c.md)\n"),
        ("docs/deep/b.md", ""),
        ("docs/c.md", ""),
    ];
    assert_eq!(places(links::reach_every_page, &files), ["docs/c.md:1"]);
}

#[test]
fn a_test_that_is_named_and_not_there_is_found() {
    let page = "`a_real_test_is_here` and `a_made_up_test_is_here`\n`await_holding_lock_in_cargo`\n";
    let files = [
        ("ARCHITECTURE.md", page),
        ("a.rs", "fn a_real_test_is_here() {}"),
        ("Cargo.toml", "await_holding_lock_in_cargo = \"deny\""),
    ];
    assert_eq!(places(claims::name_tests_that_exist, &files), ["ARCHITECTURE.md:1"]);
}

#[test]
fn a_path_that_is_named_and_not_there_is_found() {
    let page = "`crates/a/src/lib.rs` `crates/a/` `lib.rs`\n`crates/gone.rs`\n`gone.toml`\n`text/plain`\n";
    let files = [("CONTRIBUTING.md", page), ("crates/a/src/lib.rs", "")];
    assert_eq!(places(claims::name_paths_that_exist, &files), ["CONTRIBUTING.md:2", "CONTRIBUTING.md:3"]);
}

#[test]
fn a_recipe_that_is_named_and_not_there_is_found() {
    let page = "Say `make run`.\n```sh\nmake gone\nmake run\n```\nTo make sense, `make nothing`.\n";
    let files = [("README.md", page), ("Makefile", "run: build\nbuild:\n")];
    assert_eq!(places(claims::name_recipes_that_exist, &files), ["README.md:6", "README.md:3"]);
}

#[test]
fn a_crate_of_which_nothing_is_said_is_found() {
    let files =
        [("ARCHITECTURE.md", "`claw-a`"), ("crates/claw-a/Cargo.toml", ""), ("crates/claw-b/Cargo.toml", "")];
    assert_eq!(places(claims::tell_of_every_crate, &files), ["ARCHITECTURE.md:1"]);
}

#[test]
fn two_sentences_on_a_line_are_found() {
    let wrong = ["One sentence. Another one.", "- An item ends. Then it goes on."];
    let after = "<!-- table:begin -->\n<!-- table:end -->\nOne sentence. Another one.";
    assert_eq!(places(claims::stand_one_sentence_a_line, &[("a.md", after)]), ["a.md:3"]);
    for line in wrong {
        assert_eq!(places(claims::stand_one_sentence_a_line, &[("a.md", line)]), ["a.md:1"], "{line}");
    }
    let fine = "One sentence.\n1. First.\nSee e.g. This.\n| A cell. Another. |\n`a. B` is code.\nVersion 1.0 is out.\n\
                <!-- table:begin -->\nWritten by a program. Not by a person.\n<!-- table:end -->\n";
    assert_eq!(places(claims::stand_one_sentence_a_line, &[("a.md", fine)]), NONE);
}

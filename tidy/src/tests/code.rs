//! Plants what code must not have: length, silence, empty names, wrong dependencies, forbidden calls.

use super::places;
use crate::{absence, graph, names, opening, size, words};

const NONE: [&str; 0] = [];

#[test]
fn a_file_of_601_lines_is_found_and_one_of_600_is_not() {
    let long = "x\n".repeat(601);
    let files = [("a.rs", long.as_str()), ("b.py", &long[2..]), ("c.md", &long), ("d.tf", &long)];
    assert_eq!(places(size::files, &files), ["a.rs:601", "d.tf:601"]);
}

#[test]
fn a_function_of_71_lines_is_found_unless_it_is_a_test() {
    let body = |lines: usize| format!("fn long() {{\n{}}}\n", "    step();\n".repeat(lines - 2));
    let method = format!("struct A;\nimpl A {{\n{}}}\n", body(71));
    let tests = format!("#[cfg(test)]\nmod checks {{\n{}}}\n", body(100));
    let files = [
        ("src/a.rs", body(71)),
        ("src/b.rs", body(70)),
        ("src/c.rs", method),
        ("src/tests.rs", body(100)),
        ("tests/d.rs", body(101)),
        ("src/e.rs", tests),
    ];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    assert_eq!(places(size::functions, &files), ["src/a.rs:1", "src/c.rs:3", "tests/d.rs:1"]);
}

#[test]
fn a_module_that_is_declared_for_tests_is_a_test() {
    let long = format!("fn long() {{\n{}}}\n", "    step();\n".repeat(90));
    let files = [
        ("src/lib.rs", "#[cfg(test)]\nmod recorded;\nmod other;\n"),
        ("src/recorded.rs", &long),
        ("src/other.rs", &long),
        ("src/deep.rs", "#[cfg(test)]\nmod recorded;\n#[cfg(not(test))]\nmod real;\n"),
        ("src/deep/recorded.rs", &long),
        ("src/deep/real.rs", &long),
    ];
    assert_eq!(places(size::functions, &files), ["src/other.rs:1", "src/deep/real.rs:1"]);
}

#[test]
fn a_source_that_cannot_be_parsed_is_found() {
    assert_eq!(places(size::functions, &[("src/a.rs", "fn a() {}\nfn b(")]), ["src/a.rs:2"]);
}

#[test]
fn a_file_that_does_not_say_what_it_is_for_is_found() {
    let files = [("a.rs", "//! What it is for.\n"), ("b.rs", "// no\n"), ("c.rs", ""), ("d.py", "")];
    assert_eq!(places(opening::says_what_it_is_for, &files), ["b.rs:1", "c.rs:1"]);
}

#[test]
fn names_that_say_nothing_are_found_as_files_folders_and_modules() {
    let files = [
        ("src/utils.rs", ""),
        ("src/string_helpers.rs", ""),
        ("src/common/wire.rs", ""),
        ("src/types.rs", ""),
        ("src/base_url.rs", ""),
        ("src/uncommon.rs", ""),
        ("src/lib.rs", "mod wire;\npub mod misc;\n"),
    ];
    let found = places(names::say_something, &files);
    let expected = [
        "src/utils.rs:1",
        "src/string_helpers.rs:1",
        "src/common/wire.rs:1",
        "src/types.rs:1",
        "src/lib.rs:2",
    ];
    assert_eq!(found, expected);
}

#[test]
fn marks_of_undone_work_are_found() {
    let marks = [
        concat!("TO", "DO"),
        concat!("FIX", "ME"),
        concat!("X", "XX"),
        concat!("to", "do!()"),
        concat!("#[ig", "nore]"),
    ];
    for mark in marks {
        let text = format!("first\n{mark} more\n");
        assert_eq!(places(words::leave_nothing_undone, &[("a.rs", &text)]), ["a.rs:2"], "{mark}");
    }
    let fine = "mktemp name.XXXXXX\ntodo = \"deny\"\nthe method\n";
    assert_eq!(places(words::leave_nothing_undone, &[("a.sh", fine)]), NONE);
}

#[test]
fn words_of_the_workplace_are_found() {
    let marks = [
        concat!("see /wo", "rk/main"),
        concat!("a sub", "agent said"),
        concat!("as in DES", "IGN.md"),
        concat!("Co-Auth", "ored-By: x"),
        concat!("see iss", "ue #12"),
    ];
    for mark in marks {
        assert_eq!(places(words::speak_of_the_project_alone, &[("a.md", mark)]), ["a.md:1"], "{mark}");
    }
    let fine = "https://github.com/a/b/issues/12 and the issuer 1\nthe workload\n";
    assert_eq!(places(words::speak_of_the_project_alone, &[("a.md", fine)]), NONE);
}

#[test]
fn a_stage_that_sees_a_stage_is_found_under_any_name_and_in_any_table() {
    let root = "[workspace.dependencies]\nrules = { path = \"x\", package = \"claw-policy\" }\n";
    let wrong = "[package]\nname = \"claw-guard\"\n[dependencies]\nclaw-hub = \"1\"\nclaw-policy = \"1\"\n";
    let renamed = "[package]\nname = \"claw-limit\"\n[dev-dependencies]\nrules.workspace = true\n";
    let target = "[package]\nname = \"claw-route\"\n[target.'cfg(unix)'.dependencies]\nx = { package = \"claw-edge\" }\n";
    let files =
        [("Cargo.toml", root), ("a/Cargo.toml", wrong), ("b/Cargo.toml", renamed), ("c/Cargo.toml", target)];
    assert_eq!(places(graph::runs_one_way, &files), ["a/Cargo.toml:5", "b/Cargo.toml:1", "c/Cargo.toml:4"]);
}

#[test]
fn a_crate_without_a_place_and_a_place_without_a_crate_are_found() {
    let stranger = "[package]\nname = \"claw-stranger\"\n";
    assert_eq!(places(graph::runs_one_way, &[("a/Cargo.toml", stranger)]), ["a/Cargo.toml:2"]);
    assert!(!places(graph::names_no_crate_that_is_gone, &[("a/Cargo.toml", stranger)]).is_empty());
}

#[test]
fn a_runtime_in_the_dialects_is_found_but_not_in_their_tests() {
    let wrong = "[package]\nname = \"claw-dialect\"\n[dependencies]\ntokio = \"1\"\n[dev-dependencies]\nserde_json = \"1\"\n";
    assert_eq!(places(graph::keeps_io_and_foreign_json_out, &[("a/Cargo.toml", wrong)]), ["a/Cargo.toml:4"]);
}

#[test]
fn a_crate_without_the_lints_is_found_and_a_workspace_that_allows_unsafe_code() {
    let root = "[workspace.lints.rust]\nunsafe_code = \"deny\"\n";
    let crate_without = "[package]\nname = \"a\"\n[lints]\nworkspace = false\n";
    let files = [("Cargo.toml", root), ("a/Cargo.toml", crate_without)];
    assert_eq!(places(graph::takes_the_lints, &files), ["a/Cargo.toml:1", "Cargo.toml:1"]);
}

#[test]
fn forbidden_calls_are_found_in_macros_too_and_not_in_comments_texts_or_tests() {
    let code = "//! thread::sleep\nfn a() {\n    let text = \"thread::sleep\";\n    select! { _ = std::thread::sleep(x) => {} }\n}\n\
                #[cfg(test)]\nmod checks {\n    fn b() { thread::sleep(x) }\n}\n";
    let files = [("crates/a/src/lib.rs", code), ("bench/src/main.rs", code), ("crates/a/tests/it.rs", code)];
    assert_eq!(places(absence::of_sleeping_threads, &files), ["crates/a/src/lib.rs:4"]);
}

#[test]
fn each_absence_is_found_where_it_counts_and_nowhere_else() {
    let client = "use hyper_util::client::legacy::Client;\n";
    let files = [("crates/claw-edge/src/a.rs", client), ("crates/claw-provider/src/a.rs", client)];
    assert!(
        places(absence::of_other_clients, &files).iter().all(|place| place == "crates/claw-edge/src/a.rs:1")
    );
    assert!(!places(absence::of_other_clients, &files).is_empty());

    let program = "fn a() { Command::new(\"sh\"); }\n";
    let files =
        [("crates/openclaw-gateway/src/a.rs", program), ("crates/openclaw-gateway/src/cli/a.rs", program)];
    assert_eq!(places(absence::of_other_programs, &files), ["crates/openclaw-gateway/src/a.rs:1"]);

    let clock = "fn a() { std::time::SystemTime::now(); }\n";
    let files = [("crates/claw-policy/src/a.rs", clock), ("crates/claw-ledger/src/a.rs", clock)];
    assert_eq!(places(absence::of_clocks_and_files_in_decisions, &files), ["crates/claw-policy/src/a.rs:1"]);

    let state = "fn a(request: R) { request.extensions_mut().insert(1); }\n";
    assert_eq!(places(absence::of_untyped_state, &[("crates/a/src/a.rs", state)]), ["crates/a/src/a.rs:1"]);

    let environment = "fn a() { env::var(\"A\"); }\n";
    let files = [("crates/claw-edge/src/a.rs", environment), ("crates/claw-config/src/a.rs", environment)];
    assert_eq!(places(absence::of_scattered_environment, &files), ["crates/claw-edge/src/a.rs:1"]);
}

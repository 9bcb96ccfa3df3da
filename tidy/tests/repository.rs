//! The rules, applied to this repository. A rule that is broken says where, line by line.

#![expect(clippy::expect_used, reason = "without the repository there is nothing to test")]

use std::path::Path;
use std::sync::LazyLock;

use claw_tidy::{Finding, Tree, absence, claims, graph, keys, links, names, opening, size, words};

static REPOSITORY: LazyLock<Tree> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("this crate lies in the repository");
    Tree::read(root).expect("the repository can be read")
});

fn holds(rule: fn(&Tree) -> Vec<Finding>) {
    let findings = rule(&REPOSITORY);
    let lines: Vec<String> = findings.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{} broken:\n{}\n", lines.len(), lines.join("\n"));
}

#[test]
fn the_repository_is_seen() {
    for path in
        ["Cargo.toml", "README.md", ".ci/run", "crates/claw-hub/src/lib.rs", "tidy/tests/repository.rs"]
    {
        assert!(REPOSITORY.get(path).is_some(), "{path} was not read, so nothing here says anything");
    }
}

#[test]
fn no_file_of_code_is_longer_than_600_lines() {
    holds(size::files);
}

#[test]
fn no_function_is_longer_than_70_lines_or_100_in_tests() {
    holds(size::functions);
}

#[test]
fn every_rust_file_says_what_it_is_for() {
    holds(opening::says_what_it_is_for);
}

#[test]
fn no_name_is_a_drawer_for_everything() {
    holds(names::say_something);
}

#[test]
fn nothing_is_left_undone() {
    holds(words::leave_nothing_undone);
}

#[test]
fn the_repository_speaks_of_the_project_alone() {
    holds(words::speak_of_the_project_alone);
}

#[test]
fn dependencies_run_one_way() {
    holds(graph::runs_one_way);
}

#[test]
fn no_crate_of_the_table_is_gone() {
    holds(graph::names_no_crate_that_is_gone);
}

#[test]
fn what_decides_or_translates_names_no_io_and_no_foreign_json() {
    holds(graph::keeps_io_and_foreign_json_out);
}

#[test]
fn every_crate_takes_the_lints_that_forbid_unsafe_code() {
    holds(graph::takes_the_lints);
}

#[test]
fn a_key_is_made_by_its_stage_alone() {
    holds(keys::cannot_be_made_elsewhere);
}

#[test]
fn a_key_does_not_get_out_of_its_stage() {
    holds(keys::do_not_get_out);
}

#[test]
fn a_proof_can_be_neither_copied_nor_changed() {
    holds(keys::seal_proofs_that_cannot_be_changed);
}

#[test]
fn no_thread_is_put_to_sleep() {
    holds(absence::of_sleeping_threads);
}

#[test]
fn the_gateway_starts_no_other_program() {
    holds(absence::of_other_programs);
}

#[test]
fn only_claw_provider_opens_sockets_to_the_outside() {
    holds(absence::of_other_clients);
}

#[test]
fn what_decides_or_translates_reads_no_clock_and_no_file() {
    holds(absence::of_clocks_and_files_in_decisions);
}

#[test]
fn no_state_travels_untyped() {
    holds(absence::of_untyped_state);
}

#[test]
fn the_environment_is_read_by_the_configuration_alone() {
    holds(absence::of_scattered_environment);
}

#[test]
fn every_link_leads_somewhere() {
    holds(links::lead_somewhere);
}

#[test]
fn every_page_can_be_found() {
    holds(links::reach_every_page);
}

#[test]
fn documents_name_tests_that_exist() {
    holds(claims::name_tests_that_exist);
}

#[test]
fn documents_name_paths_that_exist() {
    holds(claims::name_paths_that_exist);
}

#[test]
fn documents_name_recipes_that_exist() {
    holds(claims::name_recipes_that_exist);
}

#[test]
fn the_architecture_tells_of_every_crate() {
    holds(claims::tell_of_every_crate);
}

#[test]
fn documents_have_one_sentence_a_line() {
    holds(claims::stand_one_sentence_a_line);
}

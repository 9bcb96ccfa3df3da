//! What no source names, but for the few places that are there for it.

use proc_macro2::{TokenStream, TokenTree};

use crate::source::{self, Source};
use crate::{Finding, Tree};

/// Names that stand nowhere in a part of the repository.
struct Absence {
    /// The names, as written in code.
    names: &'static [&'static str],
    /// The folders that are searched.
    within: &'static [&'static str],
    /// The folders where they may stand.
    except: &'static [&'static str],
    why: &'static str,
}

/// The part of the binary that is a program for people at a terminal.
const CLI: &str = "crates/openclaw-gateway/src/cli/";

const WAITS: Absence = Absence {
    names: &["thread::sleep"],
    within: &["crates/"],
    except: &[],
    why: "it stops every stream of its core: use tokio::time::sleep",
};

const PROGRAMS: Absence = Absence {
    names: &["process::Command", "Command::new"],
    within: &["crates/"],
    except: &[CLI],
    why: "the gateway starts no other program",
};

const CLIENTS: Absence = Absence {
    names: &[
        "hyper_util::client",
        "hyper::client",
        "client::legacy",
        "client::conn",
        "TcpStream::connect",
        "reqwest::",
    ],
    within: &["crates/"],
    except: &["crates/claw-provider/", CLI],
    why: "only claw-provider opens sockets to the outside",
};

const CLOCKS: Absence = Absence {
    names: &["SystemTime::now", "Instant::now", "std::fs", "fs::read", "std::net", "std::env", "env::var"],
    within: &[
        "crates/claw-hub/",
        "crates/claw-dialect/",
        "crates/claw-identity/",
        "crates/claw-limit/",
        "crates/claw-guard/",
        "crates/claw-policy/",
        "crates/claw-route/",
        "crates/claw-catalogue/",
    ],
    except: &[],
    why: "what decides or translates has no clock, no files and no environment: its caller tells it",
};

const EXTENSIONS: Absence = Absence {
    names: &[".extensions", ".extensions_mut", "http::Extensions"],
    within: &["crates/"],
    except: &[],
    why: "what one stage knows passes to the next as a typed value, which the compiler can miss",
};

const ENVIRONMENT: Absence = Absence {
    names: &["std::env::var", "env::var", "env::vars", "env::var_os"],
    within: &["crates/"],
    except: &["crates/claw-config/", CLI],
    why: "configuration is read by claw-config, where it is checked",
};

/// No thread is put to sleep.
pub fn of_sleeping_threads(tree: &Tree) -> Vec<Finding> {
    search(tree, &WAITS)
}

/// No other program is started.
pub fn of_other_programs(tree: &Tree) -> Vec<Finding> {
    search(tree, &PROGRAMS)
}

/// No socket to the outside is opened but by `claw-provider`.
pub fn of_other_clients(tree: &Tree) -> Vec<Finding> {
    search(tree, &CLIENTS)
}

/// What decides or translates reads no clock, no file and no environment.
pub fn of_clocks_and_files_in_decisions(tree: &Tree) -> Vec<Finding> {
    search(tree, &CLOCKS)
}

/// No state travels in the extensions of HTTP messages.
pub fn of_untyped_state(tree: &Tree) -> Vec<Finding> {
    search(tree, &EXTENSIONS)
}

/// The environment is read by the configuration alone.
pub fn of_scattered_environment(tree: &Tree) -> Vec<Finding> {
    search(tree, &ENVIRONMENT)
}

/// Searches the production code of a part of the tree, inside macros too, and not in comments or texts.
fn search(tree: &Tree, absence: &Absence) -> Vec<Finding> {
    let (sources, mut findings) = source::sources(tree);
    let under = |folders: &[&str], path: &str| folders.iter().any(|folder| path.starts_with(folder));
    for source in &sources {
        let path = source.file.path.as_str();
        if under(absence.within, path) && !under(absence.except, path) {
            search_source(source, absence, &mut findings);
        }
    }
    findings
}

fn search_source(source: &Source<'_>, absence: &Absence, findings: &mut Vec<Finding>) {
    let mut words = Vec::new();
    flatten(&source.file.text, &mut words);
    for name in absence.names {
        let mut wanted = Vec::new();
        flatten(name, &mut wanted);
        for found in words.windows(wanted.len()) {
            let alike = found.iter().zip(&wanted).all(|((word, _), (other, _))| word == other);
            let line = found.first().map_or(1, |(_, line)| *line);
            if alike && !source.is_test(line) {
                findings.push(source.file.finding(line, format!("`{name}`: {}", absence.why)));
            }
        }
    }
}

/// The words of a piece of code, each with its line. What is no code has none.
fn flatten(code: &str, words: &mut Vec<(String, usize)>) {
    let Ok(tokens) = code.parse::<TokenStream>() else { return };
    walk(tokens, words);
}

fn walk(tokens: TokenStream, words: &mut Vec<(String, usize)>) {
    for token in tokens {
        let line = token.span().start().line;
        match token {
            TokenTree::Group(group) => {
                words.push(("(".to_owned(), line));
                walk(group.stream(), words);
                words.push((")".to_owned(), line));
            }
            other => words.push((other.to_string(), line)),
        }
    }
}

//! Forgeries that must not compile: the first line of each says what it tries and the error code that stops it.

use std::fs;
use std::path::Path;

const FOLDER: &str = "tests/forgeries";

#[test]
fn no_forgery_compiles() {
    let cases = trybuild::TestCases::new();
    cases.compile_fail(format!("{FOLDER}/*.rs"));
}

#[test]
fn every_forgery_is_stopped_by_the_error_that_it_names() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(FOLDER);
    let forgeries: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    assert!(forgeries.len() >= 7);
    for path in forgeries {
        let source = fs::read_to_string(&path).unwrap();
        let (code, what) =
            source.lines().next().unwrap().trim_start_matches("//! ").split_once(": ").unwrap();
        let said = fs::read_to_string(path.with_extension("stderr")).unwrap();
        assert!(said.starts_with(&format!("error[{code}]")), "{}: {said}", path.display());
        println!("{code}  {what}");
    }
}

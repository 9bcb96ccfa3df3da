//! Nonsense must give problems, never a panic.

use proptest::prelude::*;

use super::fixture::Folder;
use crate::Problems;
use crate::schema::TABLES;

const GOOD: &str = include_str!("good.toml");

/// Values of every type, most of them wrong wherever they stand.
const VALUES: [&str; 18] = [
    "0",
    "-1",
    "99999999999999999999999999",
    "0xff",
    "1e400",
    "nan",
    "true",
    "''",
    "'*'",
    "'env:'",
    "'file:/dev/zero'",
    "'file:.'",
    "'10s'",
    "'\u{fffd}/\u{0301}'",
    "1979-05-27",
    "[]",
    "[[1], {}]",
    "{ a = { b = [1] } }",
];

/// Lines of a configuration, with keys that exist and values that may not.
fn line() -> impl Strategy<Value = String> {
    let table = prop::sample::select(TABLES.to_vec());
    (table, any::<prop::sample::Index>(), prop::sample::select(&VALUES), 0..3).prop_map(
        |((table, keys), index, value, kind)| {
            let table = table.replace("NAME", "p");
            match kind {
                0 if !table.is_empty() => format!("[{table}]"),
                1 if !table.is_empty() => format!("[[{table}]]"),
                _ if keys.is_empty() => format!("p = {value}"),
                _ => format!("{} = {value}", index.get(keys)),
            }
        },
    )
}

/// Whatever comes back, it must be printable, and a refusal must say why.
fn survives(folder: &Folder, text: &str) -> Result<(), TestCaseError> {
    match folder.parse(text) {
        Ok(loaded) => {
            let printed = format!("{loaded:?}");
            prop_assert!(printed.contains("Checked"));
        }
        Err(Problems(problems)) => {
            prop_assert!(!problems.is_empty());
            let lines = text.lines().count().max(1) + 1;
            for problem in &problems {
                prop_assert!(!problem.path.is_empty() && !problem.message.is_empty());
                prop_assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{}", problem);
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_survived(text in ".{0,200}") {
        survives(&Folder::new(), &text)?;
    }

    #[test]
    fn any_lines_of_known_keys_are_survived(lines in prop::collection::vec(line(), 0..30)) {
        survives(&Folder::new(), &lines.join("\n"))?;
    }

    #[test]
    fn a_good_file_with_a_hole_in_it_is_survived(
        start in any::<prop::sample::Index>(),
        length in 0_usize..80,
        filling in "[\\[\\]{}='\"a-z0-9*/:#\n.-]{0,20}",
    ) {
        let start = start.index(GOOD.len());
        let end = (start + length).min(GOOD.len());
        survives(&Folder::new(), &format!("{}{filling}{}", &GOOD[..start], &GOOD[end..]))?;
    }
}

#[test]
fn depth_is_survived() {
    let folder = Folder::new();
    let deep = 50_000;
    for text in [
        format!("a = {}", "[".repeat(deep)),
        format!("a = {}", "{a=".repeat(deep)),
        format!("{}a = 1", "a.".repeat(deep)),
        format!("[{}a]", "a.".repeat(deep)),
        "a".repeat(1 << 20),
    ] {
        assert!(folder.parse(&text).is_err());
    }
}

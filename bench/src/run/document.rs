//! Puts the report between the markers of a page and leaves the rest of the page as it is.
//! It must not know what is in the report.

use std::fs;
use std::path::Path;

const BEGIN: &str = "<!-- bench:begin -->";
const END: &str = "<!-- bench:end -->";

/// What a page begins with when there is none yet.
const NEW_PAGE: &str = "\
# Benchmarks

The tables below are written by `bench/run --write-doc`; [the benchmark](../../bench/README.md) says what is measured, how, and what it does not show.
Numbers are only comparable within one run.

<!-- bench:begin -->
<!-- bench:end -->
";

/// Writes the report into the page, making the page if it does not exist.
pub(super) fn write(page: &Path, report: &str) -> anyhow::Result<()> {
    let text = match fs::read_to_string(page) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if let Some(folder) = page.parent() {
                fs::create_dir_all(folder)?;
            }
            NEW_PAGE.to_owned()
        }
        Err(error) => return Err(error.into()),
    };
    fs::write(page, put(&text, report)?)?;
    Ok(())
}

/// The page with what stands between its markers replaced.
fn put(page: &str, report: &str) -> anyhow::Result<String> {
    let begin = page.find(BEGIN).ok_or_else(|| anyhow::anyhow!("the page has no {BEGIN}"))? + BEGIN.len();
    let length =
        page[begin..].find(END).ok_or_else(|| anyhow::anyhow!("the page has no {END} after {BEGIN}"))?;
    Ok(format!("{}\n{}\n{}", &page[..begin], report.trim_end(), &page[begin + length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_between_the_markers_is_replaced() {
        let page = format!("# Before\n{BEGIN}\nold\n{END}\nafter\n");
        let first = put(&page, "new\n").unwrap();
        assert_eq!(first, format!("# Before\n{BEGIN}\nnew\n{END}\nafter\n"));
        assert_eq!(put(&first, "new").unwrap(), first);
    }

    #[test]
    fn a_page_without_both_markers_in_order_is_left_alone() {
        assert!(put("no markers", "new").is_err());
        assert!(put(&format!("{END} {BEGIN}"), "new").is_err());
    }

    #[test]
    fn a_new_page_has_the_markers() {
        assert!(put(NEW_PAGE, "report").unwrap().contains("report"));
    }
}

//! The manifests of the workspace: which crate there is, and what it names. It knows no rule.

use toml::{Table, Value};

use crate::{File, Finding, Tree};

/// The manifest of one crate.
pub(crate) struct Manifest<'t> {
    pub(crate) file: &'t File,
    pub(crate) name: String,
    pub(crate) table: Table,
}

/// A crate that a manifest names, under the name that it has outside.
pub(crate) struct Dependency {
    pub(crate) package: String,
    /// Whether only its tests and benchmarks use it.
    pub(crate) dev: bool,
}

impl Manifest<'_> {
    /// Everything that it depends on, for every target.
    pub(crate) fn dependencies(&self, workspace: &Table) -> Vec<Dependency> {
        let mut places = vec![&self.table];
        if let Some(targets) = self.table.get("target").and_then(Value::as_table) {
            places.extend(targets.values().filter_map(Value::as_table));
        }
        let mut found = Vec::new();
        for (section, dev) in
            [("dependencies", false), ("build-dependencies", false), ("dev-dependencies", true)]
        {
            for table in places.iter().filter_map(|place| place.get(section)?.as_table()) {
                found.extend(table.iter().map(|(key, value)| {
                    let renamed = package(value).or_else(|| package(workspace.get(key)?));
                    Dependency { package: renamed.unwrap_or(key).to_owned(), dev }
                }));
            }
        }
        found
    }
}

fn package(dependency: &Value) -> Option<&str> {
    dependency.get("package")?.as_str()
}

/// The manifests of all crates, and the table of dependencies that they share; those that cannot be read are findings.
pub(crate) fn manifests(tree: &Tree) -> (Vec<Manifest<'_>>, Table, Vec<Finding>) {
    let (mut manifests, mut workspace, mut broken) = (Vec::new(), Table::new(), Vec::new());
    for file in tree.files().iter().filter(|file| file.name() == "Cargo.toml") {
        let table: Table = match file.text.parse() {
            Ok(table) => table,
            Err(error) => {
                broken.push(file.finding(1, format!("cannot be read: {error}")));
                continue;
            }
        };
        if let Some(shared) = table.get("workspace").and_then(|it| it.get("dependencies")?.as_table()) {
            workspace = shared.clone();
        }
        let name = table.get("package").and_then(|it| it.get("name")?.as_str()).map(str::to_owned);
        manifests.extend(name.map(|name| Manifest { file, name, table }));
    }
    (manifests, workspace, broken)
}

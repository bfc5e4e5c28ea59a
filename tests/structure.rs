//! The rules of the architecture, checked in the source.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::Digest as _;

/// Maximum lines of a file in `src`.
const MAX_FILE: usize = 400;

/// Each layer, and what it must not use: the layers of [`LAYERS`] and libraries.
const ARROWS: [(&str, &[&str]); 12] = [
    (
        "src/error",
        &[
            "import", "config", "store", "app", "contract", "docs", "mcp", "http", "outbound",
            "server", "cli", "rusqlite", "actix",
        ],
    ),
    (
        "src/model/",
        &[
            "import", "config", "store", "app", "contract", "docs", "mcp", "http", "outbound",
            "server", "cli", "rusqlite", "actix",
        ],
    ),
    (
        "src/import/",
        &[
            "config", "store", "app", "contract", "docs", "mcp", "http", "outbound", "server",
            "cli", "rusqlite", "actix",
        ],
    ),
    (
        "src/store/",
        &[
            "import", "config", "app", "contract", "docs", "mcp", "http", "outbound", "server",
            "cli", "actix",
        ],
    ),
    (
        "src/app/",
        &[
            "contract", "docs", "mcp", "http", "outbound", "server", "cli", "rusqlite", "actix",
        ],
    ),
    (
        "src/contract/",
        &[
            "config", "model", "store", "app", "docs", "mcp", "http", "outbound", "server", "cli",
            "rusqlite", "actix",
        ],
    ),
    (
        "src/docs/",
        &[
            "store", "app", "mcp", "http", "outbound", "server", "cli", "rusqlite", "actix",
        ],
    ),
    (
        "src/mcp/",
        &[
            "config", "docs", "http", "outbound", "server", "cli", "rusqlite", "actix",
        ],
    ),
    ("src/http/", &["server", "cli", "rusqlite", "r2d2"]),
    (
        "src/outbound/",
        &[
            "contract", "docs", "mcp", "http", "server", "cli", "rusqlite", "actix",
        ],
    ),
    ("src/server/", &["cli", "rusqlite", "r2d2"]),
    ("src/cli/", &["rusqlite", "r2d2"]),
];

/// The modules at the top level.
const LAYERS: [&str; 13] = [
    "error", "model", "import", "config", "store", "app", "contract", "docs", "mcp", "http",
    "outbound", "server", "cli",
];

/// The only item of another layer that settings may use.
const OF_CONFIG: &str = "crate::store::Durability";

/// Fragments of the contract that are not nouns.
const NO_NOUN: [&str; 2] = ["common", "errors"];

/// A source file.
struct Source {
    /// The path from the root of the project.
    path: String,
    text: String,
}

impl Source {
    /// The code that is compiled into the program, without tests and comments.
    fn code(&self) -> String {
        if self.is_test() {
            return String::new();
        }
        let before_tests = self.text.split("#[cfg(test)]").next().unwrap();
        let lines = before_tests
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        lines.collect::<Vec<_>>().join("\n")
    }

    fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    fn stem(&self) -> &str {
        Path::new(&self.path).file_stem().unwrap().to_str().unwrap()
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every file below a folder with this ending, sorted.
fn files(folder: &str, ending: &str) -> Vec<Source> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == ending) {
                found.push(Source {
                    text: std::fs::read_to_string(&path).unwrap(),
                    path: path
                        .strip_prefix(root())
                        .unwrap()
                        .to_str()
                        .unwrap()
                        .to_owned(),
                });
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    assert!(!found.is_empty(), "{folder} is empty");
    found
}

fn stems(folder: &str, ending: &str) -> BTreeSet<String> {
    let files = files(folder, ending);
    files.iter().map(|file| file.stem().to_owned()).collect()
}

/// Whether code contains a name as a whole word.
fn names(code: &str, what: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(what).any(|(at, _)| {
        let (before, after) = (&code[..at], &code[at + what.len()..]);
        !before.ends_with(is_word) && (what.ends_with("actix") || !after.starts_with(is_word))
    })
}

/// The modules of this crate that code imports, including `use crate::{a, b}`.
fn imports(code: &str, module: &str) -> bool {
    let name = module.strip_prefix("crate::").unwrap_or(module);
    let braced = code.split("use crate::{").skip(1).any(|rest| {
        let list = rest.split(';').next().unwrap();
        names(list, name)
    });
    names(code, module) || (module != name && braced)
}

#[test]
fn the_arrows_point_one_way() {
    let sources = files("src", "rs");
    for (layer, forbidden) in ARROWS {
        for source in sources.iter().filter(|file| file.path.starts_with(layer)) {
            let code = source.code();
            for what in forbidden {
                let is_layer = LAYERS.contains(what);
                let module = format!("crate::{what}");
                let name = if is_layer { module.as_str() } else { *what };
                assert!(!imports(&code, name), "{} names {name}", source.path);
            }
        }
    }
    let others = LAYERS
        .iter()
        .filter(|name| !["config", "error", "model"].contains(name));
    let settings = sources
        .iter()
        .filter(|file| file.path.starts_with("src/config"));
    for (other, source) in others.flat_map(|other| settings.clone().map(move |file| (other, file)))
    {
        let module = format!("crate::{other}");
        let code = source.code().replace(OF_CONFIG, "");
        assert!(!imports(&code, &module), "{} names {module}", source.path);
    }
}

/// Files that may import each other in a circle for now.
const IN_CYCLES: [&str; 1] = ["src/outbound/"];

/// The paths of a use tree: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn paths_of(tree: &str) -> Vec<String> {
    let Some((prefix, inner)) = tree.trim().split_once('{') else {
        return vec![tree.trim().to_owned()];
    };
    let inner = inner.trim_end().trim_end_matches('}');
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in inner.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut().unwrap().push(c);
    }
    let parts = parts.iter().filter(|part| !part.trim().is_empty());
    parts
        .flat_map(|part| paths_of(part))
        .map(|path| format!("{prefix}{path}"))
        .collect()
}

/// The module of a file: `src/http/mod.rs` is `["http"]`.
fn module_of(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("src/").trim_end_matches(".rs");
    let segments = path.split('/').map(str::to_owned);
    segments
        .filter(|segment| !["mod", "lib", "main"].contains(&segment.as_str()))
        .collect()
}

/// Every path in code that begins with `crate::`, `super::` or `self::`, or names one of the file's own modules.
fn module_paths(code: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut outside = String::new();
    for statement in code.split_inclusive(';') {
        match statement.rsplit_once("use ") {
            Some((before, tree)) if tree.ends_with(';') && !tree.contains('=') => {
                found.extend(paths_of(tree.trim_end_matches(';')));
                outside.push_str(before);
            }
            _ => outside.push_str(statement),
        }
    }
    let words = outside.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    found.extend(words.filter(|word| word.contains("::")).map(str::to_owned));
    let own: Vec<_> = outside
        .split("mod ")
        .skip(1)
        .filter_map(|rest| rest.split_once(';'))
        .map(|(name, _)| name.to_owned())
        .collect();
    found.retain(|path| {
        let first = path.split("::").next().unwrap();
        ["crate", "super", "self"].contains(&first) || own.iter().any(|name| name == first)
    });
    found
}

/// The deepest module that a path in a module refers to.
fn target(modules: &BTreeSet<Vec<String>>, from: &[String], path: &str) -> Vec<String> {
    let mut at = from.to_vec();
    for (place, segment) in path.split("::").map(str::trim).enumerate() {
        match segment {
            "crate" => at.clear(),
            "super" => drop(at.pop()),
            "self" if place == 0 => {}
            name => {
                at.push(name.to_owned());
                if !modules.contains(&at) {
                    at.pop();
                    break;
                }
            }
        }
    }
    at
}

/// Which module uses which.
fn uses(sources: &[Source]) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let sources = sources.iter().filter(|file| !file.is_test());
    let modules: BTreeSet<_> = sources.clone().map(|file| module_of(&file.path)).collect();
    let edges = sources.map(|file| {
        let from = module_of(&file.path);
        let paths = module_paths(&file.code());
        let targets = paths.iter().map(|path| target(&modules, &from, path));
        let targets = targets.filter(|module| *module != from).collect();
        (from, targets)
    });
    edges.collect()
}

/// All modules that a module uses, directly or indirectly.
fn reachable(
    edges: &BTreeMap<Vec<String>, BTreeSet<Vec<String>>>,
    from: &[String],
) -> BTreeSet<Vec<String>> {
    let mut found = BTreeSet::new();
    let mut open = vec![from.to_vec()];
    while let Some(module) = open.pop() {
        for next in edges.get(&module).into_iter().flatten() {
            if found.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    found
}

#[test]
fn no_file_uses_itself_through_others() {
    let sources = files("src", "rs");
    let edges = uses(&sources);
    let count: usize = edges.values().map(BTreeSet::len).sum();
    assert!(count > 300, "only {count} uses are found");
    let in_cycle = sources.iter().map(|file| &file.path).filter(|path| {
        let module = module_of(path);
        reachable(&edges, &module).contains(&module)
            && !IN_CYCLES.iter().any(|allowed| path.starts_with(allowed))
    });
    assert_eq!(in_cycle.collect::<Vec<_>>(), Vec::<&String>::new());
}

#[test]
fn a_cycle_is_seen_in_every_spelling() {
    let source = |path: &str, text: &str| Source {
        path: path.to_owned(),
        text: text.to_owned(),
    };
    for (one, other) in [
        ("use super::b::{self, C};", "use crate::{x, a::{A, D}};"),
        ("fn f() -> super::b::C { }", "pub use crate::a;"),
        ("use super::b;", "fn f() { crate::a::f() }"),
    ] {
        let edges = uses(&[source("src/a.rs", one), source("src/b.rs", other)]);
        assert!(
            reachable(&edges, &["a".to_owned()]).contains(&vec!["a".to_owned()]),
            "{one} {other}"
        );
    }
    let parent = source("src/a/mod.rs", "mod b;\nfn f() { b::g() }");
    let child = source("src/a/b.rs", "use super::f;\nfn g() { f() }");
    assert!(reachable(&uses(&[parent, child]), &["a".to_owned()]).contains(&vec!["a".to_owned()]));
}

#[test]
fn the_arrows_are_seen_in_every_spelling() {
    assert!(imports("use crate::{app, store};", "crate::store"));
    assert!(imports("use crate::store::Db;", "crate::store"));
    assert!(imports("let x = crate::store::ping(conn);", "crate::store"));
    assert!(imports("use actix_web::web;", "actix"));
    assert!(imports("use rusqlite::Connection;", "rusqlite"));
    assert!(!imports("use crate::storehouse::Db;", "crate::store"));
    assert!(!imports("use crate::{app, model};", "crate::store"));
}

#[test]
fn a_noun_has_one_name_in_every_layer() {
    let layers = ["src/http", "src/app", "src/store", "src/model", "src/cli"];
    let mut spellings: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut add = |stem: String| {
        let plain = stem.replace('_', "");
        let plain = plain.strip_suffix('s').unwrap_or(&plain).to_owned();
        spellings.entry(plain).or_default().insert(stem);
    };
    layers
        .iter()
        .flat_map(|layer| stems(layer, "rs"))
        .for_each(&mut add);
    stems("schema/api", "json").into_iter().for_each(&mut add);
    stems("tests/api", "rs").into_iter().for_each(&mut add);
    // Pages of lists and HTML pages are different things.
    spellings.remove("page");
    for (_, spellings) in spellings {
        assert!(spellings.len() == 1, "one name for {spellings:?}");
    }
}

#[test]
fn every_noun_of_the_contract_has_its_file_in_every_layer_that_it_needs() {
    let (http, tests) = (stems("src/http", "rs"), stems("tests/api", "rs"));
    for noun in stems("schema/api", "json") {
        if NO_NOUN.contains(&noun.as_str()) {
            continue;
        }
        assert!(http.contains(&noun), "src/http/{noun}.rs is missing");
        assert!(tests.contains(&noun), "tests/api/{noun}.rs is missing");
    }
    // Every store has a model, and every model has a store.
    let (store, model) = (stems("src/store", "rs"), stems("src/model", "rs"));
    for noun in stems("schema/api", "json").intersection(&store) {
        assert!(model.contains(noun), "src/model/{noun}.rs is missing");
    }
    for noun in stems("src/app", "rs") {
        assert!(
            ["mod", "sample", "getting_started", "credentials", "batch"].contains(&noun.as_str())
                || store.contains(&noun),
            "src/app/{noun}.rs has nothing of its name in src/store"
        );
    }
}

#[test]
fn every_test_file_is_compiled() {
    for folder in ["tests/api", "tests/crash"] {
        let main = std::fs::read_to_string(root().join(folder).join("main.rs")).unwrap();
        for stem in stems(folder, "rs") {
            assert!(
                stem == "main" || main.contains(&format!("mod {stem};\n")),
                "{folder}/{stem}.rs is not in main.rs"
            );
        }
    }
}

#[test]
fn no_file_is_a_maze() {
    let long: Vec<_> = files("src", "rs")
        .into_iter()
        .map(|file| (file.text.lines().count(), file.path))
        .filter(|(lines, _)| *lines > MAX_FILE)
        .collect();
    assert!(long.is_empty(), "over {MAX_FILE} lines: {long:?}");
}

#[test]
fn the_program_gives_up_nowhere() {
    for source in files("src", "rs") {
        for line in source.code().lines() {
            for what in [
                ".unwrap()",
                ".expect(",
                "todo!",
                "unimplemented!",
                "dbg!",
                "panic!(",
            ] {
                assert!(!line.contains(what), "{}: {line}", source.path);
            }
        }
    }
}

/// The only test files that may sleep. They poll until something has happened, or act as a slow endpoint.
const POLLING: [&str; 3] = [
    "tests/api/harness.rs",
    "tests/crash/program.rs",
    "tests/sink/mod.rs",
];

#[test]
fn no_test_waits_for_time_to_pass_or_is_left_out() {
    let sleep = concat!("sle", "ep(");
    let forbidden = [
        sleep,
        concat!("#[ign", "ore"),
        concat!("db", "g!("),
        concat!("to", "do!("),
    ];
    let tests = files("tests", "rs").into_iter();
    let units = files("src", "rs").into_iter().filter_map(|file| {
        let tests = match file.text.split_once("#[cfg(test)]") {
            _ if file.is_test() => file.text,
            Some((_, tests)) => tests.to_owned(),
            None => return None,
        };
        Some(Source {
            path: file.path,
            text: tests,
        })
    });
    for source in tests.chain(units) {
        for line in source.text.lines() {
            for what in forbidden {
                let may = what == sleep && POLLING.contains(&source.path.as_str());
                assert!(may || !line.contains(what), "{}: {line}", source.path);
            }
        }
    }
}

/// The names in `include_str!("…/folder/NAME")` of a source file, in order.
fn included(source: &str, folder: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(source)).unwrap();
    let folder = format!("/{folder}/");
    let parts = text.split(&folder).skip(1);
    parts
        .map(|rest| rest.split('"').next().unwrap().to_owned())
        .collect()
}

fn listed(folder: &str, ending: &str) -> Vec<String> {
    let files = files(folder, ending);
    let names = files.iter().map(|file| {
        let (_, name) = file.path.rsplit_once('/').unwrap();
        name.to_owned()
    });
    names.collect()
}

#[test]
fn every_migration_is_run_in_its_order() {
    let files = listed("schema/db", "sql");
    assert_eq!(included("src/store/migrate.rs", "schema/db"), files);
    for (at, name) in files.iter().enumerate() {
        let number = format!("{:04}_", at + 1);
        assert!(name.starts_with(&number), "{name} is not number {}", at + 1);
    }
    // The tests of upgrades have their own list.
    assert_eq!(included("tests/api/migrations.rs", "schema/db"), files);
}

#[test]
fn every_fragment_is_merged() {
    let mut merged = included("src/contract/openapi.rs", "schema/api");
    merged.retain(|name| name.ends_with(".json"));
    merged.sort();
    assert_eq!(merged, listed("schema/api", "json"));
}

/// Maximum lines of a module of the board in the browser.
const MAX_MODULE: usize = 300;

#[test]
fn modules_of_the_app_are_short() {
    for file in files("static/app", "js") {
        let lines = file.text.lines().count();
        assert!(lines <= MAX_MODULE, "{} has {lines} lines", file.path);
    }
}

#[test]
fn files_of_others_are_what_was_published() {
    for folder in std::fs::read_dir(root().join("static/vendor")).unwrap() {
        let folder = folder.unwrap().path();
        let sums = std::fs::read_to_string(folder.join("SHA256SUMS")).unwrap();
        let mut known: BTreeSet<String> = ["SHA256SUMS".to_owned()].into();
        for line in sums.lines() {
            let (sum, name) = line.split_once("  ").unwrap();
            let bytes = std::fs::read(folder.join(name)).unwrap();
            let digest = sha2::Sha256::digest(&bytes);
            let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
            assert_eq!(digest, sum, "{name}");
            known.insert(name.to_owned());
        }
        assert!(known.iter().any(|name| name.starts_with("LICENSE")));
        for file in std::fs::read_dir(&folder).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            assert!(known.contains(&name), "{name} has no checksum");
        }
    }
}

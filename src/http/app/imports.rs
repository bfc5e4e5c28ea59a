//! The modules that a module imports.

use std::collections::{BTreeMap, BTreeSet};

/// Returns all modules that a module imports, also through others. Not those that it loads later with `import()`.
pub(super) fn of(main: &str, texts: &BTreeMap<String, String>) -> BTreeSet<String> {
    let (mut found, mut next) = (BTreeSet::new(), vec![main.to_owned()]);
    while let Some(name) = next.pop() {
        let text = texts.get(&name).map_or("", String::as_str);
        let imported = text.lines().filter_map(specifier);
        for path in imported.filter_map(|path| resolve(&name, path)) {
            if path != main && found.insert(path.clone()) {
                next.push(path);
            }
        }
    }
    found
}

/// The module that a line imports. A statement over several lines names it in its last one.
fn specifier(line: &str) -> Option<&str> {
    let line = line.trim_end().strip_suffix("';")?;
    let before = match line.strip_prefix("import '") {
        Some(path) => return Some(path),
        None => ["import ", "export ", "} from"],
    };
    let (_, path) = line.rsplit_once(" from '")?;
    before
        .iter()
        .any(|start| line.starts_with(start))
        .then_some(path)
}

/// The path of a module from the root, for one that is named relative to another.
fn resolve(from: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{of, resolve, specifier};

    #[test]
    fn statements_name_modules() {
        for line in [
            "import { a } from './b.js';",
            "export * from './b.js';",
            "} from './b.js';",
            "import './b.js';",
        ] {
            assert_eq!(specifier(line), Some("./b.js"), "{line}");
        }
        for line in [
            "const a = import('./b.js');",
            "// import of './b.js'",
            " * from './b.js';",
            "",
        ] {
            assert_eq!(specifier(line), None, "{line}");
        }
    }

    #[test]
    fn modules_are_found_through_others() {
        assert_eq!(resolve("a/b.js", "../c.js").as_deref(), Some("c.js"));
        assert_eq!(resolve("a.js", "../c.js"), None);
        let texts = [
            ("main.js", "import './a.js';"),
            (
                "a.js",
                "import { b } from './views/b.js';\nimport('./later.js');",
            ),
            (
                "views/b.js",
                "import { a } from '../a.js';\nimport './main.js';",
            ),
            ("later.js", ""),
        ];
        let texts: BTreeMap<_, _> = texts
            .map(|(name, text)| (name.to_owned(), text.to_owned()))
            .into();
        let found: Vec<_> = of("main.js", &texts).into_iter().collect();
        assert_eq!(found, ["a.js", "views/b.js", "views/main.js"]);
    }
}

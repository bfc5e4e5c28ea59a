//! The settings file, and messages for its errors that say what is wanted.

use std::path::Path;

use toml::{Table, Value};

use super::given::Given;
use super::table::{Setting, table};

impl Given {
    /// Reads the settings file. A missing file counts as empty.
    ///
    /// # Errors
    /// A message with the file, the line and the problem, such as an unknown key.
    pub fn from_file(path: &Path) -> Result<Self, String> {
        match std::fs::read_to_string(path) {
            Ok(text) => toml::from_str(&text).map_err(|cause| {
                let before = cause.span().and_then(|span| text.get(..span.start));
                let line = before.unwrap_or_default().matches('\n').count() + 1;
                let why = wrong_setting(&text).unwrap_or_else(|| cause.message().to_owned());
                format!("{}, line {line}: {why}", path.display())
            }),
            Err(cause) if cause.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(cause) => Err(format!("{}: {cause}", path.display())),
        }
    }
}

/// Says which setting of a file is wrong; `None` if the file is not even TOML. Values are never quoted, because they can
/// contain a password.
fn wrong_setting(text: &str) -> Option<String> {
    let file: Table = text.parse().ok()?;
    let settings = table();
    file.into_iter().find_map(|(key, value)| {
        let alone = Table::from_iter([(key.clone(), value)]);
        let cause = Value::Table(alone).try_into::<Given>().err()?;
        Some(match settings.iter().find(|one| one.key == key) {
            Some(setting) => wanted(setting, cause.message()),
            None => unknown(&key, &settings),
        })
    })
}

/// Says what a setting must be. `problem` is the parser's message, in terms of Rust types.
fn wanted(Setting { key, default, .. }: &Setting, problem: &str) -> String {
    let expected = problem.rsplit_once(", expected ");
    let number = default.parse().unwrap_or(4_u32);
    match expected.map(|(_, expected)| expected) {
        None if problem.starts_with("must ") => format!("{key} {problem}"),
        None => format!("{key}: {problem}"),
        Some("a sequence") => format!("{key} must be an array, such as {key} = [\"…\"]"),
        Some("i64" | "u16" | "u32") => {
            format!("{key} must be a positive whole number, such as {key} = {number}")
        }
        Some(names) if names.contains('`') => format!("{key} must be {}", names.replace('`', "\"")),
        Some(_) => format!("{key} must be a string in quotes, such as {key} = \"…\""),
    }
}

fn unknown(key: &str, settings: &[Setting]) -> String {
    let flag = key.replace('-', "_");
    let nearest = settings
        .iter()
        .map(|setting| (edits(&flag, &setting.key), &setting.key))
        .min()
        .filter(|(edits, _)| *edits <= flag.chars().count() / 3);
    match nearest {
        Some((_, nearest)) => format!("unknown setting {key}; did you mean {nearest}?"),
        None => format!("unknown setting {key}; `tackboard --help` lists the settings"),
    }
}

/// Returns how many characters have to be inserted, deleted, replaced or swapped with their neighbor to get from one
/// word to the other.
fn edits(from: &str, to: &str) -> usize {
    let (from, to): (Vec<_>, Vec<_>) = (from.chars().collect(), to.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 0..from.len() {
        let mut row = vec![i + 1];
        for j in 0..to.len() {
            let replaced = last[j] + usize::from(from[i] != to[j]);
            let mut fewest = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && from[i] == to[j - 1] && from[i - 1] == to[j] {
                fewest = fewest.min(before[j - 1] + 1);
            }
            row.push(fewest);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{Given, edits};

    #[test]
    fn words_are_as_far_apart_as_typing_mistakes() {
        for (from, to, expected) in [
            ("listen", "listen", 0),
            ("lissten", "listen", 1),
            ("smtp_ulr", "smtp_url", 1),
            ("", "log", 3),
            ("workres", "workers", 1),
            ("body", "log", 3),
        ] {
            assert_eq!(edits(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn a_wrong_setting_is_named_with_what_is_wanted() {
        let folder = tempfile::tempdir().unwrap_or_else(|why| unreachable!("{why}"));
        let path = folder.path().join("tackboard.toml");
        for (line, why) in [
            (
                "event_days = 'many'",
                "event_days must be a positive whole number, such as event_days = 90",
            ),
            ("event_days = 0", "event_days must be from 1 to 36525 days"),
            (
                "workers = 1.5",
                "workers must be a positive whole number, such as workers = 4",
            ),
            ("workers = -1", "workers must be a positive whole number"),
            ("workers = 0", "workers must be at least 1"),
            (
                "cors_origin = '*'",
                "cors_origin must be an array, such as cors_origin = [\"…\"]",
            ),
            (
                "trusted_proxy = [1]",
                "trusted_proxy must be a string in quotes",
            ),
            (
                "listen = 9000",
                "listen must be a string in quotes, such as listen = \"…\"",
            ),
            (
                "body_limit = 'much'",
                "body_limit must be a size such as 4096",
            ),
            (
                "durability = 'none'",
                "durability must be \"full\" or \"normal\"",
            ),
            (
                "lissten = 'x'",
                "unknown setting lissten; did you mean listen?",
            ),
            (
                "public-url = 'x'",
                "unknown setting public-url; did you mean public_url?",
            ),
            (
                "colour = 'x'",
                "unknown setting colour; `tackboard --help` lists the settings",
            ),
        ] {
            assert!(std::fs::write(&path, format!("keep_days = 7\n{line}\n")).is_ok());
            let message = Given::from_file(&path).err().unwrap_or_default();
            assert!(
                message.contains(&format!("line 2: {why}")),
                "{line}: {message}"
            );
        }
    }
}

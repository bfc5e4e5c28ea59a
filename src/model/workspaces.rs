//! Workspaces.

use serde::Serialize;

use super::ids::WorkspaceId;
use super::time::Timestamp;

/// A workspace.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Workspace {
    /// The id.
    pub id: WorkspaceId,
    /// The name.
    pub name: String,
    /// The unique short name for commands.
    pub slug: String,
    /// The plan.
    pub plan: String,
    /// API calls per month in addition to those of the plan.
    pub extra_api_calls: u64,
    /// The creation time.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
}

/// Makes a slug from a name: its ASCII letters and digits in lowercase, with hyphens between words.
pub fn slug_of(name: &str) -> String {
    let mut slug = String::new();
    for c in name.chars() {
        if c.is_ascii_alphanumeric() {
            slug.push(c.to_ascii_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(63);
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "workspace".to_owned()
    } else {
        slug.to_owned()
    }
}

/// Whether the text is a valid slug: 1 to 63 lowercase letters, digits and inner hyphens.
pub fn is_slug(text: &str) -> bool {
    (1..=63).contains(&text.len())
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::{is_slug, slug_of};

    #[test]
    fn a_name_suggests_a_slug() {
        for (name, slug) in [
            ("My workspace", "my-workspace"),
            ("  Ünder & Söhne!", "nder-s-hne"),
            ("日本", "workspace"),
        ] {
            assert_eq!(slug_of(name), slug);
            assert!(is_slug(slug));
        }
        assert!(!is_slug("-a") && !is_slug("A") && !is_slug(""));
    }
}

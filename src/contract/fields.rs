//! Invalid fields: their names, and the error that lists them.

use crate::error::{Error, Fields};

/// The most failing fields in one response, which must not grow with what is wrong.
pub(super) const MOST_FIELDS: usize = 2_000;

/// Why an input does not match its schema.
#[derive(Debug, PartialEq, Eq)]
pub enum Invalid {
    /// The only problem is an id that is not a UUID.
    Uuid {
        /// The name of the field.
        field: String,
        /// The given value.
        value: String,
        /// The message, for a list of several fields.
        message: String,
    },
    /// All invalid fields.
    Fields(Fields),
    /// Nothing: the schema itself cannot be used. Tests compile every schema.
    Schema(String),
}

impl Invalid {
    /// The same problems and these. A field that has a message already keeps it.
    pub fn and(self, more: Fields) -> Self {
        if more.is_empty() {
            return self;
        }
        match self.into_fields() {
            Ok(mut fields) => {
                add(&mut fields, more);
                Invalid::Fields(fields)
            }
            Err(why) => Invalid::Schema(why),
        }
    }

    /// Every invalid field with its message.
    ///
    /// # Errors
    /// What is wrong with the schema.
    pub(super) fn into_fields(self) -> Result<Fields, String> {
        match self {
            Invalid::Uuid { field, message, .. } => Ok(Fields::from([(field, message)])),
            Invalid::Fields(fields) => Ok(fields),
            Invalid::Schema(why) => Err(why),
        }
    }
}

/// Adds fields up to the most that a response lists. A field that has a message already keeps it.
pub fn add(fields: &mut Fields, more: Fields) {
    for (name, message) in more {
        if fields.len() >= MOST_FIELDS {
            break;
        }
        fields.entry(name).or_insert(message);
    }
}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Self {
        match invalid {
            Invalid::Uuid { field, value, .. } => Error::InvalidUuid { field, value },
            Invalid::Fields(fields) => Error::InvalidRequest(fields),
            Invalid::Schema(why) => Error::bug(format!("invalid contract: {why}")),
        }
    }
}

/// Returns the path of a field in an object.
pub(super) fn join(path: &str, name: &str) -> String {
    if path.is_empty() {
        name.to_owned()
    } else {
        format!("{path}.{name}")
    }
}

/// Returns a field's name in words: `accentColor` is "Accent color", `projectId` is "Project ID", `labelIds` is "Label IDs".
pub fn in_words(name: &str) -> String {
    let mut words = String::with_capacity(name.len() + 4);
    for (at, c) in name.chars().enumerate() {
        match c {
            _ if at == 0 => words.extend(c.to_uppercase()),
            '_' | '-' => words.push(' '),
            c if c.is_uppercase() => {
                words.push(' ');
                words.extend(c.to_lowercase());
            }
            c => words.push(c),
        }
    }
    for (end, written) in [(" id", " ID"), (" ids", " IDs")] {
        if let Some(rest) = words.strip_suffix(end) {
            return format!("{rest}{written}");
        }
    }
    words
}

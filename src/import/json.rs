//! JSON files, read one element of their arrays at a time, so that memory does not grow with the file.

use std::cell::RefCell;
use std::fmt;
use std::io::Read;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;

use super::nuls::Nuls;
use super::problem::Failed;

/// Gets each field of the outermost object, and each element of those that are arrays: the name of the field, the index
/// of the element, and the value. The outermost array has no name.
type Visit<'v> = dyn FnMut(&str, Option<usize>, Value) -> Result<(), Failed> + 'v;

/// Reads a file. Returns what was removed from its texts.
///
/// # Errors
/// Syntax errors with the place where they are, and those of the function.
pub(super) fn each_member(source: impl Read, visit: &mut Visit<'_>) -> Result<Nuls, Failed> {
    let walk = Walk {
        nuls: RefCell::default(),
        visit: RefCell::new(visit),
        path: RefCell::default(),
        failure: RefCell::default(),
    };
    let mut deserializer = serde_json::Deserializer::from_reader(source);
    let read = deserializer.deserialize_any(Top(&walk));
    let read = read.and_then(|()| deserializer.end());
    match (read, walk.failure.take()) {
        (_, Some(failure)) => Err(failure),
        (Err(cause), None) => Err(syntax_error(&walk.path.borrow(), &cause)),
        (Ok(()), None) => Ok(walk.nuls.take()),
    }
}

fn syntax_error(path: &str, cause: &serde_json::Error) -> Failed {
    let message = match cause.classify() {
        serde_json::error::Category::Eof => format!("The file is incomplete: {cause}"),
        serde_json::error::Category::Io => format!("The file cannot be read: {cause}"),
        _ if cause.to_string().starts_with("recursion limit") => {
            format!("The values are nested too deeply: {cause}")
        }
        _ if cause.to_string().contains("invalid unicode") => {
            format!("The file is not encoded in UTF-8: {cause}")
        }
        _ => format!("The file is not valid JSON: {cause}"),
    };
    Failed::at(path, message)
}

struct Walk<'w, 'v> {
    nuls: RefCell<Nuls>,
    visit: RefCell<&'w mut Visit<'v>>,
    /// The path of what is being read.
    path: RefCell<String>,
    failure: RefCell<Option<Failed>>,
}

impl Walk<'_, '_> {
    fn pass<E: serde::de::Error>(
        &self,
        name: &str,
        at: Option<usize>,
        mut value: Value,
    ) -> Result<(), E> {
        let path = || self.path.borrow().clone();
        self.nuls.borrow_mut().remove(&mut value, &path);
        (self.visit.borrow_mut())(name, at, value).map_err(|failure| {
            self.failure.replace(Some(failure));
            E::custom("stopped")
        })
    }

    fn elements<'de, A: SeqAccess<'de>>(
        &self,
        name: &str,
        mut elements: A,
    ) -> Result<(), A::Error> {
        for at in 0.. {
            self.path.replace(format!("{name}[{at}]"));
            match elements.next_element::<Value>()? {
                Some(value) => self.pass(name, Some(at), value)?,
                None => break,
            }
        }
        Ok(())
    }
}

/// The outermost value.
struct Top<'t, 'w, 'v>(&'t Walk<'w, 'v>);

impl<'de> Visitor<'de> for Top<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            self.0.path.replace(name.clone());
            members.next_value_seed(Member {
                walk: self.0,
                name: &name,
            })?;
            self.0.path.replace(String::new());
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        self.0.elements("", elements)
    }
}

/// A field of the outermost object.
struct Member<'m, 'w, 'v> {
    walk: &'m Walk<'w, 'v>,
    name: &'m str,
}

impl<'de> DeserializeSeed<'de> for Member<'_, '_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

macro_rules! scalars {
    ($($method:ident: $kind:ty;)*) => {$(
        fn $method<E: serde::de::Error>(self, value: $kind) -> Result<(), E> {
            self.walk.pass(self.name, None, Value::from(value))
        }
    )*};
}

impl<'de> Visitor<'de> for Member<'_, '_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    scalars! {
        visit_bool: bool;
        visit_i64: i64;
        visit_u64: u64;
        visit_f64: f64;
        visit_str: &str;
        visit_string: String;
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        self.walk.pass(self.name, None, Value::Null)
    }

    fn visit_map<A: MapAccess<'de>>(self, members: A) -> Result<(), A::Error> {
        let value = Value::deserialize(MapAccessDeserializer::new(members))?;
        self.walk.pass(self.name, None, value)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, elements: A) -> Result<(), A::Error> {
        self.walk.elements(self.name, elements)
    }
}

/// The names of the outermost object's fields, and the value of those that are short texts. `None` if the outermost value is
/// an array.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) is_array: bool,
    pub(super) names: Vec<String>,
    pub(super) format: Option<String>,
}

/// Reads which fields a file has, without keeping their values.
///
/// # Errors
/// Syntax errors.
pub(super) fn outline(source: impl Read) -> Result<Outline, Failed> {
    let mut deserializer = serde_json::Deserializer::from_reader(source);
    let path = RefCell::default();
    let read = deserializer.deserialize_any(Outliner(&path));
    let read = read.and_then(|outline| deserializer.end().map(|()| outline));
    read.map_err(|cause| syntax_error(&path.borrow(), &cause))
}

/// The most fields that are examined.
const MAX_NAMES: usize = 1000;

struct Outliner<'o>(&'o RefCell<String>);

impl<'de> Visitor<'de> for Outliner<'_> {
    type Value = Outline;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or an array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Outline, A::Error> {
        let mut outline = Outline::default();
        while let Some(name) = members.next_key::<String>()? {
            if outline.names.len() == MAX_NAMES {
                return Err(A::Error::custom("an object with too many fields"));
            }
            self.0.replace(name.clone());
            match name.as_str() {
                "format" | "_format" => outline.format = text_of(members.next_value()?),
                _ => drop(members.next_value::<IgnoredAny>()?),
            }
            outline.names.push(name);
        }
        self.0.replace(String::new());
        Ok(outline)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Outline, A::Error> {
        for at in 0.. {
            self.0.replace(format!("[{at}]"));
            if elements.next_element::<IgnoredAny>()?.is_none() {
                break;
            }
        }
        Ok(Outline {
            is_array: true,
            ..Outline::default()
        })
    }
}

fn text_of(value: Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text),
        _ => None,
    }
}

//! The normal form of a JSON value, by its schema: what clients write in more than one way is made one before it is
//! checked.

use std::collections::HashMap;

use serde_json::{Number, Value};

use super::fields::{in_words, join};
use crate::error::Fields;

/// What a schema says about a value's form. Built once, at start.
#[derive(Default)]
pub(super) struct Shape {
    /// Members by their camelCase name.
    members: HashMap<String, Shape>,
    /// snake_case spellings, and the camelCase names that they stand for.
    aliases: Vec<(String, String)>,
    items: Option<Box<Shape>>,
    /// The most items of an array, or members of an object.
    most: Option<usize>,
    trim: bool,
    integer: bool,
}

impl Shape {
    /// The shape of a schema that has no `$ref` in it.
    pub(super) fn of(schema: &Value) -> Self {
        let mut shape = Shape {
            trim: schema["x-trim"] == true,
            integer: alternatives(schema).any(is_integer),
            items: schema.get("items").map(|items| Box::new(Shape::of(items))),
            most: ["maxItems", "maxProperties"]
                .iter()
                .find_map(|limit| schema[limit].as_u64())
                .and_then(|most| usize::try_from(most).ok()),
            ..Shape::default()
        };
        let objects = alternatives(schema).filter_map(|one| one["properties"].as_object());
        for (name, member) in objects.flatten() {
            let snake = snake_case(name);
            if snake != *name {
                shape.aliases.push((snake, name.clone()));
            }
            shape.members.insert(name.clone(), Shape::of(member));
        }
        shape
    }

    /// Brings a value into its normal form. `twice` gets the members that were given under both of their names.
    pub(super) fn normalize(&self, value: &mut Value, path: &str, twice: &mut Fields) {
        self.cut(value);
        match value {
            Value::Object(members) => {
                for (snake, camel) in &self.aliases {
                    let Some(alias) = members.remove(snake) else {
                        continue;
                    };
                    if members.contains_key(camel) {
                        let name = join(path, camel);
                        let message = format!(
                            "{} is sent twice, as {camel} and as {snake}",
                            in_words(camel)
                        );
                        twice.insert(name, message);
                    } else {
                        members.insert(camel.clone(), alias);
                    }
                }
                for (name, member) in members.iter_mut() {
                    if let Some(shape) = self.members.get(name) {
                        shape.normalize(member, &join(path, name), twice);
                    }
                }
            }
            Value::Array(items) => {
                let Some(shape) = &self.items else { return };
                for (at, item) in items.iter_mut().enumerate() {
                    shape.normalize(item, &format!("{path}[{at}]"), twice);
                }
            }
            Value::String(text) if self.trim && text.trim().len() < text.len() => {
                *text = text.trim().to_owned();
            }
            Value::Number(number) if self.integer => whole(number),
            _ => {}
        }
    }

    /// Drops what is far beyond a limit, before time is spent on it. What is left still exceeds the limit, so the value is
    /// refused.
    fn cut(&self, value: &mut Value) {
        let Some(most) = self.most else { return };
        match value {
            Value::Array(items) => items.truncate(most + 1),
            Value::Object(members) if members.len() > most => {
                let mut left = most + 1;
                members.retain(|name, _| {
                    let is_known = self.members.contains_key(name);
                    let is_kept = is_known || left > 0;
                    left -= usize::from(is_kept && !is_known);
                    is_kept
                });
            }
            _ => {}
        }
    }
}

/// A schema and, if it is a choice, its alternatives.
fn alternatives(schema: &Value) -> impl Iterator<Item = &Value> {
    let choices = ["anyOf", "oneOf"]
        .iter()
        .filter_map(|keyword| schema[keyword].as_array());
    std::iter::once(schema).chain(choices.flatten())
}

fn is_integer(schema: &Value) -> bool {
    let kinds = &schema["type"];
    let options = schema["enum"].as_array();
    kinds == "integer"
        || kinds
            .as_array()
            .is_some_and(|all| all.iter().any(|kind| kind == "integer"))
        || options.is_some_and(|all| all.iter().all(Value::is_i64))
}

/// `1.0` is an integer in JSON Schema, and to every client that has one kind of number.
fn whole(number: &mut Number) {
    /// Beyond this, an f64 does not hold every integer.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if let Some(float) = number
        .as_f64()
        .filter(|float| number.is_f64() && float.fract() == 0.0 && float.abs() < EXACT)
    {
        *number = Number::from(float as i64);
    }
}

fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::Shape;
    use crate::error::Fields;
    use serde_json::json;

    #[test]
    fn a_value_is_brought_into_its_normal_form() {
        let schema = json!({ "properties": {
            "projectId": { "type": "string" },
            "label": { "type": "string", "x-trim": true },
            "status": { "enum": [0, 1, 2] },
            "place": { "anyOf": [{ "type": "integer" }, { "properties": { "taskId": {} } }] },
            "free": { "type": "object" }
        } });
        let mut value = json!({ "project_id": "x", "label": "  a b ", "status": 1.0, "place": 2.0, "free": { "projectId": " y " } });
        let mut twice = Fields::new();
        Shape::of(&schema).normalize(&mut value, "", &mut twice);
        assert_eq!(
            value,
            json!({ "projectId": "x", "label": "a b", "status": 1, "place": 2, "free": { "projectId": " y " } })
        );
        let mut value = json!({ "place": { "task_id": 1 } });
        Shape::of(&schema).normalize(&mut value, "", &mut twice);
        assert_eq!(value, json!({ "place": { "taskId": 1 } }));
        assert!(twice.is_empty());
    }

    #[test]
    fn what_is_far_beyond_a_limit_is_dropped() {
        let schema = json!({ "properties": {
            "list": { "maxItems": 2, "items": { "maxProperties": 2, "properties": { "z": {} } } }
        } });
        let item = json!({ "a": 1, "b": 1, "c": 1, "d": 1, "z": 1 });
        let mut value = json!({ "list": vec![item; 9] });
        Shape::of(&schema).normalize(&mut value, "", &mut Fields::new());
        let kept = json!({ "a": 1, "b": 1, "c": 1, "z": 1 });
        assert_eq!(value, json!({ "list": [kept, kept, kept] }));
        let mut fits = json!({ "list": [{ "a": 1, "b": 1 }, {}] });
        let same = fits.clone();
        Shape::of(&schema).normalize(&mut fits, "", &mut Fields::new());
        assert_eq!(fits, same);
    }

    #[test]
    fn both_spellings_at_once_are_refused() {
        let schema = json!({ "properties": { "projectId": { "type": "string" } } });
        let mut value = json!({ "project_id": "x", "projectId": "y" });
        let mut twice = Fields::new();
        Shape::of(&schema).normalize(&mut value, "", &mut twice);
        assert_eq!(
            twice["projectId"],
            "Project ID is sent twice, as projectId and as project_id"
        );
        let schema = json!({ "properties": { "list": { "items": schema } } });
        let mut value = json!({ "list": [{}, value, { "project_id": "x", "projectId": "y" }] });
        let mut twice = Fields::new();
        Shape::of(&schema).normalize(&mut value, "", &mut twice);
        let paths: Vec<_> = twice.keys().collect();
        assert_eq!(paths, ["list[2].projectId"]);
    }
}

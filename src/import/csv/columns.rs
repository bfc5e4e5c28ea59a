//! Finds the columns of a table by their titles.

use std::collections::HashMap;

use csv::StringRecord;

use super::super::options::Column;
use super::super::problem::Failed;
use super::preset;
use super::titles::{COMMON, shown};
use crate::model::imports::Preset;

/// Fields that can have several columns.
const REPEATED: &[&str] = &["labels", "assignees", "comments"];

/// Which columns contain which fields.
pub(super) struct Columns {
    fields: HashMap<&'static str, Vec<usize>>,
    /// The number of all columns.
    pub(super) count: usize,
    /// Columns that no field keeps.
    pub(super) others: Vec<Other>,
}

/// A column that no field keeps.
pub(super) struct Other {
    pub(super) index: usize,
    pub(super) title: String,
    /// Whether its content is left out, and not kept in descriptions.
    pub(super) is_left_out: bool,
}

impl Columns {
    /// Finds the columns. Those that a person has named take precedence.
    ///
    /// # Errors
    /// If a named column does not exist, or if there is none for the titles of tasks.
    pub(super) fn new(
        header: &StringRecord,
        named: &[Column],
        preset: Option<Preset>,
    ) -> Result<Self, Failed> {
        let titles: Vec<String> = header
            .iter()
            .map(|title| title.trim().to_lowercase())
            .collect();
        let mut fields = named_fields(header, &titles, named)?;
        let mut taken: Vec<usize> = fields.values().flatten().copied().collect();
        for (field, aliases) in preset.map_or(COMMON, preset::titles) {
            if fields.contains_key(field) {
                continue;
            }
            let found = columns_of(field, aliases, &titles, &taken);
            taken.extend(&found);
            if !found.is_empty() {
                fields.insert(field, found);
            }
        }
        if !fields.contains_key("label") {
            let message = format!(
                "No column has the titles of the tasks; name it, as in label=Title. The columns are {}",
                shown(header)
            );
            return Err(Failed::at("header", message));
        }
        for (field, columns) in &fields {
            let is_kept = |index: &usize| !preset::is_more_than(field, &titles[*index]);
            taken.retain(|index| !columns.contains(index) || is_kept(index));
        }
        let others = header.iter().enumerate();
        let others = others.filter(|(index, _)| !taken.contains(index));
        let others = others.map(|(index, title)| Other {
            index,
            title: title.trim().to_owned(),
            is_left_out: preset::is_left_out(preset, title.trim()),
        });
        Ok(Self {
            count: header.len(),
            others: others.collect(),
            fields,
        })
    }

    /// The content of a field's first column.
    pub(super) fn one<'r>(&self, record: &'r StringRecord, field: &str) -> &'r str {
        let index = self.fields.get(field).and_then(|columns| columns.first());
        index
            .and_then(|index| record.get(*index))
            .unwrap_or_default()
            .trim()
    }

    /// The contents of all columns of a field.
    pub(super) fn all<'r>(&self, record: &'r StringRecord, field: &str) -> Vec<&'r str> {
        let columns = self.fields.get(field).map_or(&[][..], Vec::as_slice);
        let cells = columns
            .iter()
            .filter_map(|index| record.get(*index))
            .map(str::trim);
        cells.filter(|cell| !cell.is_empty()).collect()
    }
}

/// The columns that a person has named, by field.
fn named_fields(
    header: &StringRecord,
    titles: &[String],
    named: &[Column],
) -> Result<HashMap<&'static str, Vec<usize>>, Failed> {
    let mut fields: HashMap<&'static str, Vec<usize>> = HashMap::new();
    for column in named {
        let title = column.title.to_lowercase();
        let index = titles.iter().position(|one| *one == title);
        let index = index.ok_or_else(|| {
            let message = format!(
                "The table has no column {:?}; it has {}",
                column.title,
                shown(header)
            );
            Failed::at("header", message)
        })?;
        let mut known = COMMON.iter().map(|(field, _)| *field);
        let known = known.find(|field| *field == column.field);
        fields
            .entry(known.unwrap_or("label"))
            .or_default()
            .push(index);
    }
    Ok(fields)
}

/// The columns of a field that are not taken.
fn columns_of(field: &str, aliases: &[&str], titles: &[String], taken: &[usize]) -> Vec<usize> {
    let mut found = Vec::new();
    for alias in aliases {
        let all = titles.iter().enumerate();
        let same = all.filter(|(at, title)| title == alias && !taken.contains(at));
        found.extend(same.map(|(at, _)| at));
    }
    if !REPEATED.contains(&field) {
        found.truncate(1);
    }
    found
}

//! The order of objects that are known from an earlier import: which of them were moved at the source, and which here.

use std::collections::{HashMap, HashSet};

use uuid::Uuid;

use crate::error::Result;
use crate::import::{Entry, Item, LaneEntry, ProjectEntry, TaskEntry};
use crate::model::ids::WorkspaceId;
use crate::model::imports::{FieldDigests, Format, Kind, fields, source_digest};
use crate::store::{Tx, imports};

/// The digest of a kind and an id at the source.
pub(super) type Source = [u8; 16];

/// What a file that is imported again says about order.
#[derive(Default)]
pub(super) struct Order {
    /// Objects that were moved at the source.
    moved: HashSet<Source>,
    /// Objects that were moved here. They stay where they are.
    pinned: HashSet<Source>,
    /// All objects of the file, sorted.
    all: Vec<Source>,
}

impl Order {
    pub(super) fn is_moved(&self, source: &Source) -> bool {
        self.moved.contains(source)
    }

    pub(super) fn is_pinned(&self, source: &Source) -> bool {
        self.pinned.contains(source)
    }

    /// Whether an object is in the file.
    pub(super) fn is_in_file(&self, source: &Source) -> bool {
        self.all.binary_search(source).is_ok()
    }
}

/// Reads the order of a file, before its objects are updated.
pub(super) struct Ordering<'o> {
    tx: &'o Tx<'o>,
    workspace: WorkspaceId,
    format: Format,
    order: Order,
    lists: HashMap<ListKey, List>,
    /// The subtasks of the last task. There may be very many tasks, so their lists are not kept.
    subtasks: Option<(String, List)>,
}

/// The kind of the objects in a list, their parent, and for tasks without positions their lane: products order the cards
/// of each list.
pub(super) type ListKey = (Kind, String, Option<String>);

/// The list of a lane.
pub(super) fn list_of_lane(lane: &LaneEntry) -> ListKey {
    (Kind::Lane, lane.board.clone(), None)
}

/// The list of a project.
pub(super) fn list_of_project(project: &ProjectEntry) -> ListKey {
    (Kind::Project, project.board.clone(), None)
}

/// The list of a task.
pub(super) fn list_of_task(task: &TaskEntry) -> ListKey {
    let lane = task.lane.clone().filter(|_| task.position.is_none());
    (Kind::Task, task.project.clone(), lane)
}

/// Objects in the order of the file.
#[derive(Default)]
struct List {
    sources: Vec<Source>,
    last_key: Option<String>,
    /// Whether the positions in the file contradict its order, as in an export that another program has sorted.
    is_mixed: bool,
}

impl List {
    fn add(&mut self, source: Source, key: Option<&String>) {
        self.is_mixed |= key.is_some() && key < self.last_key.as_ref();
        self.last_key = key.cloned();
        self.sources.push(source);
    }
}

impl<'o> Ordering<'o> {
    pub(super) fn new(tx: &'o Tx<'o>, workspace: WorkspaceId, format: Format) -> Self {
        Self {
            tx,
            workspace,
            format,
            order: Order::default(),
            lists: HashMap::new(),
            subtasks: None,
        }
    }

    /// Adds the next object of the file.
    ///
    /// # Errors
    /// Database errors only.
    pub(super) fn add(&mut self, entry: &Entry) -> Result<()> {
        let kind = entry.item.kind();
        let source = source_digest(self.format, kind, &entry.id);
        self.order.all.push(source);
        let (key, position) = match &entry.item {
            Item::Lane(lane) => (list_of_lane(lane), &lane.position),
            Item::Project(project) => (list_of_project(project), &project.position),
            Item::Task(task) => (list_of_task(task), &task.position),
            Item::Subtask(subtask) => {
                return self.add_subtask(&subtask.task, source, subtask.position.as_ref());
            }
            _ => return Ok(()),
        };
        let list = self.lists.entry(key).or_default();
        list.add(source, position.as_ref());
        Ok(())
    }

    fn add_subtask(&mut self, task: &str, source: Source, key: Option<&String>) -> Result<()> {
        if self.subtasks.as_ref().is_some_and(|(of, _)| of != task) {
            self.end_subtasks()?;
        }
        let (_, list) = self
            .subtasks
            .get_or_insert_with(|| (task.to_owned(), List::default()));
        list.add(source, key);
        Ok(())
    }

    fn end_subtasks(&mut self) -> Result<()> {
        match self.subtasks.take() {
            Some((task, list)) => self.compare(Kind::Subtask, &task, &list, None),
            None => Ok(()),
        }
    }

    /// Compares the order of the file with the order here.
    ///
    /// # Errors
    /// Database errors only.
    pub(super) fn end(mut self) -> Result<Order> {
        self.end_subtasks()?;
        for ((kind, parent, lane), list) in std::mem::take(&mut self.lists) {
            // Tasks with positions are in one list, whatever their lanes are.
            let of_lane = kind == Kind::Task && list.last_key.is_none();
            let lane = match of_lane {
                true => Some(self.lane(lane.as_deref())?),
                false => None,
            };
            self.compare(kind, &parent, &list, lane.as_ref())?;
        }
        self.order.all.sort_unstable();
        Ok(self.order)
    }

    /// The digest that tasks in a lane have of it, as in [`fields::of_task`].
    fn lane(&self, lane: Option<&str>) -> Result<FieldDigests> {
        let lane = lane.map(|lane| source_digest(self.format, Kind::Lane, lane));
        let known = lane.map(|lane| imports::find(self.tx, self.workspace, Kind::Lane, &lane));
        let id = known
            .transpose()?
            .flatten()
            .map(|known| known.object_id.to_string());
        Ok(FieldDigests::default().with(&id.unwrap_or_default()))
    }

    fn compare(
        &mut self,
        kind: Kind,
        parent: &str,
        list: &List,
        lane: Option<&FieldDigests>,
    ) -> Result<()> {
        let of_parent = match kind {
            Kind::Lane | Kind::Project => Kind::Board,
            Kind::Task => Kind::Project,
            _ => Kind::Task,
        };
        let parent = source_digest(self.format, of_parent, parent);
        let parent = imports::find(self.tx, self.workspace, of_parent, &parent)?;
        let (Some(parent), false) = (parent, list.is_mixed) else {
            return Ok(());
        };
        let mut here = Vec::new();
        for source in &list.sources {
            if let Some(position) = self.position(kind, parent.object_id, source, lane)? {
                here.push((position, *source));
            }
        }
        let stays = longest_rising(&here);
        let moved = here.iter().zip(stays).filter(|(_, stays)| !stays);
        self.order
            .moved
            .extend(moved.map(|((_, source), _)| source));
        Ok(())
    }

    /// The position of an object that was not moved here since the last import. One that comes from another lane is moved.
    fn position(
        &mut self,
        kind: Kind,
        parent: Uuid,
        source: &Source,
        lane: Option<&FieldDigests>,
    ) -> Result<Option<String>> {
        let place = imports::place(self.tx, self.workspace, kind, source)?;
        let Some(place) = place.filter(|place| place.parent == parent) else {
            return Ok(None);
        };
        let imported = fields::position_field(kind).and_then(|field| place.fields.get(field));
        let here = FieldDigests::default().with(&place.position);
        let of_lane = place.fields.get(fields::LANE_OF_TASK);
        let is_of_lane = lane.is_none_or(|lane| of_lane == Some(lane.as_bytes()));
        match imported {
            Some(imported) if imported == here.as_bytes() && is_of_lane => Ok(Some(place.position)),
            Some(imported) if imported == here.as_bytes() => {
                self.order.moved.insert(*source);
                Ok(None)
            }
            Some(_) => {
                self.order.pinned.insert(*source);
                Ok(None)
            }
            // An older version has not stored it.
            None => Ok(None),
        }
    }
}

/// Which elements belong to a longest rising sequence: those that stay, so that as few as possible are moved.
fn longest_rising<T: Ord>(elements: &[T]) -> Vec<bool> {
    // For each length, the element that ends a sequence of that length and is the lowest.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(elements.len());
    for (at, element) in elements.iter().enumerate() {
        let length = ends.partition_point(|end| elements[*end] < *element);
        before.push(length.checked_sub(1).map(|shorter| ends[shorter]));
        match ends.get_mut(length) {
            Some(end) => *end = at,
            None => ends.push(at),
        }
    }
    let mut stays = vec![false; elements.len()];
    let mut next = ends.last().copied();
    while let Some(at) = next {
        stays[at] = true;
        next = before[at];
    }
    stays
}

#[cfg(test)]
mod tests {
    use super::longest_rising;

    #[test]
    fn as_few_elements_as_possible_are_moved() {
        let cases: [(&[i32], &[i32]); 6] = [
            (&[], &[]),
            (&[1, 2, 3], &[1, 2, 3]),
            (&[4, 1, 2, 3], &[1, 2, 3]),
            (&[2, 3, 4, 1], &[2, 3, 4]),
            (&[5, 1, 2, 9, 3], &[1, 2, 3]),
            (&[3, 2, 1], &[1]),
        ];
        for (elements, stay) in cases {
            let stays = longest_rising(elements);
            let found: Vec<_> = elements
                .iter()
                .zip(stays)
                .filter(|(_, stays)| *stays)
                .collect();
            let found: Vec<i32> = found.into_iter().map(|(element, _)| *element).collect();
            assert_eq!(found, stay, "{elements:?}");
        }
    }
}

//! The board that a table becomes.

use std::collections::HashMap;

use csv::StringRecord;

use super::super::boards::{Board, Label, Lane, Project, Task};

/// A record and its place in the file.
pub(super) type Record = (String, StringRecord);

/// The board that a table becomes.
pub(super) struct Table {
    pub(super) board: Board,
    lanes: HashMap<String, String>,
    /// The names of labels, by their ids.
    labels: HashMap<String, String>,
    projects: HashMap<String, usize>,
    ids: HashMap<String, usize>,
}

impl Table {
    pub(super) fn new(name: &str) -> Self {
        Self {
            board: Board {
                id: name.to_owned(),
                path: "header".to_owned(),
                name: name.to_owned(),
                ..Board::default()
            },
            lanes: HashMap::new(),
            labels: HashMap::new(),
            projects: HashMap::new(),
            ids: HashMap::new(),
        }
    }

    /// An id that the same row has again when the file is imported again. Equal ones are numbered.
    pub(super) fn id(&mut self, own: &str) -> String {
        let count = self.ids.entry(own.to_owned()).or_default();
        *count += 1;
        format!("{}/{own}/{count}", self.board.id)
    }

    /// The lane of a name. Names are compared without case.
    pub(super) fn lane(&mut self, name: &str, path: &str) -> String {
        let folded = name.trim().to_lowercase();
        if let Some(id) = self.lanes.get(&folded) {
            return id.clone();
        }
        let id = format!("{}/{folded}", self.board.id);
        self.board.lanes.push(Lane {
            id: id.clone(),
            path: path.to_owned(),
            name: name.trim().to_owned(),
            ..Lane::default()
        });
        self.lanes.insert(folded, id.clone());
        id
    }

    /// Adds a task to the project of a name; the project of the board without one.
    pub(super) fn add(&mut self, project: &str, task: Task) {
        let index = self.project(project, &task.path);
        self.board.projects[index].tasks.push(task);
    }

    fn project(&mut self, name: &str, path: &str) -> usize {
        let name = match name.trim() {
            "" => self.board.name.clone(),
            name => name.to_owned(),
        };
        if let Some(index) = self.projects.get(&name) {
            return *index;
        }
        self.board.projects.push(Project {
            id: format!("{}/{name}", self.board.id),
            path: path.to_owned(),
            name: name.clone(),
            ..Project::default()
        });
        let index = self.board.projects.len() - 1;
        self.projects.insert(name, index);
        index
    }

    /// The label of a name. Names are compared without case.
    pub(super) fn label(&mut self, name: &str, path: &str) -> String {
        let name = name.trim();
        let id = format!("{}/{}", self.board.id, name.to_lowercase());
        if self.labels.insert(id.clone(), name.to_owned()).is_none() {
            self.board.labels.push(Label {
                id: id.clone(),
                path: path.to_owned(),
                name: name.to_owned(),
                color: "#8590a2".to_owned(),
            });
        }
        id
    }

    /// The names of the labels of a task.
    pub(super) fn label_names(&self, task: &Task) -> Vec<String> {
        let names = task.labels.iter().filter_map(|id| self.labels.get(id));
        names.cloned().collect()
    }
}

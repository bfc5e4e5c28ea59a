//! One board of several projects.

use std::collections::HashMap;

use super::super::boards::{Board, Label, Lane};

/// One board with the projects of all. Lanes and labels of the same name become one.
pub(super) fn united(boards: Vec<Board>, name: &str) -> Board {
    let mut all = Board {
        id: format!("all/{name}"),
        path: "board".to_owned(),
        name: name.to_owned(),
        creators: "tasks[].created_by",
        ..Board::default()
    };
    let (mut lanes, mut labels) = (Union::default(), Union::default());
    for mut board in boards {
        for lane in board.lanes {
            lanes.add(lane, &mut all.lanes);
        }
        for label in board.labels {
            labels.add(label, &mut all.labels);
        }
        for project in &mut board.projects {
            project.description = std::mem::take(&mut board.description);
            for task in &mut project.tasks {
                task.lane = task.lane.as_deref().and_then(|lane| lanes.get(lane));
                let of_task = task.labels.iter();
                task.labels = of_task.filter_map(|label| labels.get(label)).collect();
            }
        }
        all.projects.append(&mut board.projects);
    }
    all
}

/// Something with an id and a name.
trait Named {
    fn id(&self) -> &str;
    fn name(&self) -> &str;
}

impl Named for Lane {
    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for Label {
    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &str {
        &self.name
    }
}

/// Which of those with the same name stands for the others.
#[derive(Default)]
struct Union {
    by_name: HashMap<String, String>,
    by_id: HashMap<String, String>,
}

impl Union {
    fn add<T: Named>(&mut self, one: T, all: &mut Vec<T>) {
        let name = one.name().to_lowercase();
        let id = one.id().to_owned();
        let first = self.by_name.entry(name).or_insert_with(|| id.clone());
        self.by_id.insert(id.clone(), first.clone());
        if *first == id {
            all.push(one);
        }
    }

    fn get(&self, id: &str) -> Option<String> {
        self.by_id.get(id).cloned()
    }
}
